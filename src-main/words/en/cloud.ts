/** OpenRouter, what may be sent to it, and the errors that apps get in place of an answer. */

/** OpenRouter does not answer, or refuses. */
export const offline = 'OpenRouter cannot be reached.';
export const noAnswerInTime = 'OpenRouter did not answer in time.';
export const notTrustworthy = 'The connection to OpenRouter is not trustworthy, so nothing was sent.';
export const tryAnotherNetwork =
  'Something on the network may read along: try another network, and check the Mac’s date and time.';
export const brokeOff = 'The connection to OpenRouter broke off.';
export const notOpenRouter = 'What answered was not OpenRouter, or could not be understood.';
export const openWebPageFirst =
  'A network with a log-in page does this: open a web page first, then try again.';
export const keyUnknown = 'OpenRouter does not know this key.';
export const copyKeyAgain = 'Copy it again, or make a new one at OpenRouter; it may have been deleted there.';
export const noCredit = 'The OpenRouter account has no credit left, or the key’s limit is reached.';
export const addCredit = 'Add credit or raise the key’s limit at OpenRouter.';
export const notAllowedWithKey = 'OpenRouter does not allow this with this key.';
export const useOrdinaryKey = 'Use an ordinary key of your own account, not a disabled or a management one.';
export const aMinute = 'a minute';
export const seconds = (count: number) => `${count} s`;
export const asksToWait = 'OpenRouter asks to wait: too many requests.';
export const tryAgainIn = (time: string) => `Try again in ${time}.`;
export const failedWith = (status: number) => `OpenRouter failed (${status}).`;
export const tryLaterOutages = 'Try again later; status.openrouter.ai tells about outages.';
export const lastRequestRefused = 'OpenRouter refused the last request.';
export const zeroRetentionHasFewer =
  'With zero retention some models have no provider: choose another model, or another privacy setting.';
export const openRouterOrProviderFailed = 'OpenRouter or the model’s provider failed.';

/** The key, the models and the caps. */
export const otherModels = 'other models';
export const noKeyYet = 'There is no OpenRouter key yet.';
export const signInOrPaste = 'Sign in with OpenRouter or paste a key first.';
export const modelNotListed = (id: string) => `OpenRouter does not list “${id}”.`;
export const chooseFromList = 'Choose one from the list.';
export const keyNotStored = (why: string) => `${why} The key was not stored.`;
export const dailyCapTitle = 'Today’s cloud cap is reached';
export const monthlyCapTitle = 'This month’s cloud cap is reached';
export const dailyCapBody = (spent: string) =>
  `${spent} is spent. Nothing is sent to the cloud until tomorrow; local models answer as before.`;
export const monthlyCapBody = (spent: string) =>
  `${spent} is spent. Nothing is sent to the cloud until next month; local models answer as before.`;
export const linesSkipped = (lines: number, file: string) =>
  `${lines === 1 ? 'One line' : `${lines} lines`} of ${file} could not be read and ${lines === 1 ? 'is' : 'are'} not counted.`;
export const useMayBeTooLow =
  'Today’s cloud use may be shown, and capped, too low: OpenRouter’s own page has the true figure.';
export const relayCannotListen = (code: string) =>
  `The cloud relay could not open a port on this Mac (${code}).`;
export const startAgainWithoutCloud = 'Start MLX Stack again; until then it runs without the cloud.';
export const standInNotLoopback = 'The address for OpenRouter’s stand-in must be one on this machine.';
export const standInForm = 'Give it as “http://127.0.0.1:PORT”, with nothing after the port.';

/** Signing in. */
export const signInAgainOrPaste = 'Choose “Sign in with OpenRouter” again, or paste a key instead.';
export const signInDeclined = 'OpenRouter was not allowed to make a key for MLX Stack.';
export const signInExpired = 'The sign-in was not finished within five minutes.';
export const signInCancelled = 'The sign-in was cancelled.';
export const browserThenSignIn =
  'Set a default browser in System Settings and sign in again, or paste a key instead.';
export const noPortForAnswer = 'MLX Stack could not open a port for the browser’s answer.';
export const startAgainOrPaste = 'Start MLX Stack again, or paste a key instead.';
export const signInNotAccepted =
  'OpenRouter did not accept the sign-in: it was used before, or took too long.';
export const noKeyInAnswer = 'OpenRouter answered without a key.';

/** The page that the browser shows after it. */
export const nothingHere = 'Nothing here';
export const notOurPage = 'This is not a page of MLX Stack.';
export const alreadyUsed = 'Already used';
export const signInUsedBefore = 'This sign-in was used before. You can close this page.';
export const notSignedIn = 'Not signed in';
export const gotNoKey = 'MLX Stack got no key. You can close this page.';
export const signInEnded = 'The sign-in was ended in MLX Stack. You can close this page.';
export const signedIn = 'Signed in';
export const hasItsKey = 'MLX Stack has its key. You can close this page.';
export const youCanClose = (why: string) => `${why} You can close this page.`;

/** Errors of the relay, as an app gets them: no local model answered. */
export const whyUnreachable = 'the cloud cannot be reached from here';
export const whyNoKey = 'there is no OpenRouter key';
export const whyOff = 'the cloud is turned off';
export const whyLocalOnly = 'MLX Stack is set to Local only';
export const noLocalModel = (why: string) => `No local model could answer, and ${why}.`;
export const localModelStarting =
  'The local model is still starting. Nothing was sent to the cloud: try again in a moment, or ask for “premium”.';

/** The cloud is not to be used. */
export const cloudIsOff = 'The cloud is turned off in MLX Stack. Turn it on in its Cloud view.';
export const localOnly = 'MLX Stack is set to Local only: nothing is sent to the cloud.';
export const keyMissing = 'MLX Stack has no OpenRouter key. Add one in its Cloud view.';
export const dailyCapReached = (cap: string, spent: string) =>
  `The daily cap of ${cap} for the cloud is reached (${spent}). Nothing is sent until tomorrow, or raise the cap in MLX Stack.`;
export const monthlyCapReached = (cap: string, spent: string) =>
  `The monthly cap of ${cap} for the cloud is reached (${spent}). Nothing is sent until next month, or raise the cap in MLX Stack.`;
export const capMayBeUsedUp =
  'The requests that run now may use up what the spending cap leaves. Try again when they are done.';

/** The request cannot be sent as it is. */
export const bodyNotObject = 'The body is not a JSON object.';
export const fieldNotSent = (field: string) => `MLX Stack does not send “${field}” to the cloud.`;
export const serverToolsNotSent = 'MLX Stack does not send OpenRouter’s own tools to the cloud.';
export const providerNotObject = 'The field “provider” is not an object.';
export const noMessages = 'The request has no messages.';
export const answersNotInRange = (max: number) => `The field “n” is not a whole number from 1 to ${max}.`;
export const bodyTooDeep = 'The body is nested too deeply.';
export const noModelNamed = 'The request names no model.';
export const modelsNotNames = 'The field “models” is not a list of names.';
export const modelNotChosen = 'This model is not among those chosen in MLX Stack’s Cloud view.';
export const bodyNotText = 'The body is not UTF-8 text.';
export const tooManyLargeRequests = 'Too many large requests at one time.';
export const tooManyHeaders = 'The request has too many headers.';
export const addressNotServed = 'This address is not served here.';
export const webPagesNotServed = 'Web pages are not served here.';
export const onlyGatewayServed = 'Only the gateway of MLX Stack is served here.';
export const nothingAtPath = 'There is nothing at this path.';
export const onlyMethodServed = (method: string) => `Only ${method} is served here.`;
export const lengthTwice = 'The request says twice how long it is.';
export const onlyChunked = 'Only chunked bodies are understood.';
export const onlyPlainRequests = 'Only plain requests are served here.';
export const lengthNotNumber = 'The request’s length is not a number.';
export const getHasNoBody = 'A GET has no body here.';
export const noBody = 'The request has no body.';
export const bodyCompressed = 'The body must not be compressed.';
export const bodyNotJson = 'The body must be application/json.';
export const requestTooLarge = (megabytes: number) => `The request is larger than ${megabytes} MB.`;
export const relayHasNoKey = 'MLX Stack has no OpenRouter key.';
export const relayFailed = 'The relay failed.';
export const onlyContinue = 'Only 100-continue is understood.';
export const headersTooLarge = 'The request’s headers are too large.';
export const tookTooLong = 'The request took too long.';
export const notUnderstood = 'The request could not be understood.';
export const tooManyRequests = 'Too many cloud requests at one time.';

/** OpenRouter failed or refused. */
export const macOffline = 'OpenRouter cannot be reached: this Mac seems to be offline.';
export const certificateNotVerified =
  'The connection to OpenRouter is not trustworthy: its certificate cannot be verified.';
export const endedBeforeComplete = 'OpenRouter ended the connection before the answer was complete.';
export const answerNotUnderstood = 'OpenRouter’s answer could not be understood.';
export const answerTooLarge = 'OpenRouter’s answer was too large.';
export const itSays = (sentence: string) => ` It says: ${sentence}`;
export const keyNotAccepted = 'OpenRouter does not accept the key. Enter it anew in MLX Stack’s Cloud view.';
export const noCreditSaying = (said: string) => `${noCredit}${said}`;
export const requestNotAllowed = (said: string) => `OpenRouter does not allow this request.${said}`;
export const asksToWaitSaying = (said: string) => `${asksToWait}${said}`;
export const requestRefused = (said: string) => `OpenRouter refused the request.${said}`;
export const failedSaying = (status: number, said: string) =>
  `OpenRouter or the model’s provider failed (${status}).${said}`;
