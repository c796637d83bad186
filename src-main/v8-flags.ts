/** Imported first, before what V8 compiles. */
import { leaveOutLargeCompilers } from './compilers.ts';

leaveOutLargeCompilers();
