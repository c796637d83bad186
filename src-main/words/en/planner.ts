/** Why a plan is as it is, and what a Mac makes of each model. */
export const speedMeasured = (tps: string) => `${tps} tokens per second, as measured here`;
export const speedEstimated = (low: string, high: string) =>
  `about ${low}–${high} tokens per second (estimate)`;
export const shareOfMemory = (bytes: string, percent: number, total: string) =>
  `${bytes} (${percent}% of ${total})`;
export const allOfGpu = (bytes: string) => `${bytes} (all that the GPU may use)`;
export const withContext = (memory: string, context: string) => `${memory} with a context of ${context}`;

/** A model beside the present one. */
export const betterAnswers = 'better answers';
export const simplerAnswers = 'simpler answers';
export const faster = 'faster';
export const slower = 'slower';
export const aboutAsGood = 'about as good';
export const comparison = (beginning: string, needs: string, speed: string) =>
  `${beginning}: ${needs}; ${speed}.`;

/** Why each model was chosen. */
export const bestForAgents = 'The best model for agents';
export const best = 'The best model';
export const bestThatFits = (what: string, needs: string, budget: string, speed: string) =>
  `${what} that fits: ${needs}, of ${budget}; ${speed}.`;
export const timesAsFast = (times: string, standard: string, speed: string, needs: string) =>
  `About ${times} times as fast as ${standard}: ${speed}; ${needs}.`;
export const takesLongPrompts = (needs: string, speed: string) =>
  `Takes long prompts without keeping the others waiting: ${needs}; ${speed}.`;
/** The same where the settings ask for the CLI's ranking. */
const asAsked = 'by the ranking of the mlx-stack CLI, which your settings ask for';
export const cliStandard = (score: string, needs: string, budget: string, speed: string) =>
  `The highest score, ${score}, ${asAsked}: ${needs}, of ${budget}; ${speed}.`;
export const cliFast = (speed: string, needs: string) =>
  `The fastest of the others, ${asAsked}: ${speed}; ${needs}.`;
export const cliLongContext = (score: string, needs: string, speed: string) =>
  `The highest score among models for long prompts, ${score}, ${asAsked}: ${needs}; ${speed}.`;

/** Why a role has no model. */
export const noFastModel = (left: string, tps: number) =>
  `No fast model: of what is left, ${left}, none is good enough and writes ${tps} tokens per second or more.`;
export const noLongContextModelNeeded = (standard: string, holds: string) =>
  `No model of its own for long prompts: ${standard} holds ${holds} itself.`;
export const noLongContextModelBelow = (floor: string, budget: string, standard: string, holds: string) =>
  `No model for long prompts: one is chosen from a budget of ${floor} on; models may have ${budget}. ${standard} holds ${holds}.`;
export const noLongContextModel = (left: string, wanted: string, standard: string, holds: string) =>
  `No model for long prompts: ${left} are left, and one that holds ${wanted} needs more. ${standard} holds ${holds}.`;
export const cliNoFastModel = (left: string, tps: number) =>
  `No fast model: of what is left, ${left}, none of the others fits and writes ${tps} tokens per second or more.`;
export const cliNoLongContextModel = (left: string, wanted: string, standard: string, holds: string) =>
  `No model for long prompts: of those that are meant for them, none holds ${wanted} in what is left, ${left}, at a usable speed. ${standard} holds ${holds}.`;

/** What this Mac makes of a model. */
export const cannotCallTools = (model: string) => `${model} cannot call tools, which agents need.`;
export const fits = (model: string, needs: string, speed: string) => `${model} fits: ${needs}; ${speed}.`;
export const tooSlow = (model: string, speed: string, leastTps: number) =>
  `${model} would write ${speed}; ${leastTps} are the least that is usable.`;
export const tooLarge = (model: string, memory: string, budget: string) =>
  `${model} needs at least ${memory}; models may have ${budget}.`;
export const noModels = (withTools: boolean) =>
  `There is no model${withTools ? ' that can call tools' : ''} to choose from.`;
export const nothingFits = (withTools: boolean, memory: string, budget: string) =>
  `The smallest model${withTools ? ' that can call tools' : ''} needs ${memory}; models may have ${budget}.`;
export const lookUnderModels = 'Look for one under Models.';
export const giveMoreMemory = 'Give models a larger share of the memory.';
export const overBudget = (memory: string, budget: string) =>
  `These models need ${memory} together; models may have ${budget}.`;
export const chooseSmallerOrGiveMore =
  'Choose a smaller model or a shorter context, or give models a larger share of the memory.';
