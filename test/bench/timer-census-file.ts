/** The environment variable that names the file of the census: kept apart, because importing the census starts it. */
export const censusFileVariable = 'BENCH_TIMER_CENSUS';
