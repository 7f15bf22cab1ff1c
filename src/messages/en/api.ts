/** Why the model gave no answer, and what the log tells of its answers. */
export const api = {
  'api.contentRefused': "The provider's content filter refused the request ({said}). Do this work without delegation.",
  'api.contentCut': "The provider's content filter cut the answer. Do this work without delegation.",
  'api.noQuota': "The Kimi account has no quota left ({said}). Top it up in the provider's console; retrying does not help.",
  'api.dailyTokens': "The account's daily token limit is used up ({said}). Try again tomorrow or raise the account's tier.",
  'api.forbidden': "The endpoint {endpoint} forbids this key to use {model} ({said}). Check the key's permissions and the model.",
  'api.refused':
    'The endpoint {endpoint} refused the request ({status}: {said}). Check the base URL and the model; if both are right, report this as a fault of this program.',
  'api.webPage':
    'The endpoint {endpoint} answered with a web page instead of an answer of the model. Check the base URL (it usually ends in /v1); in a network that asks for a login, log in there first.',
  'api.redirect':
    'The endpoint {endpoint} sends requests on to another address, and nothing is sent to one that you did not set. If it is right, set KIMI_BASE_URL to {target} instead.',
  'api.proxyPassword':
    'The proxy asks for a password (407). Put it into HTTPS_PROXY: http://user:password@host:port, with special characters as %40 and the like.',
  'api.proxyVariable':
    '{variable} is {value}, which names no proxy that can be used: http://host:port, https://host:port and socks5h://host:port can.',
  'api.certificate': "The endpoint's certificate is not trusted ({code}). Behind a company proxy, set NODE_EXTRA_CA_CERTS to its CA file.",
  'api.keyCharacters': 'The Kimi key holds characters that no key has (a line break, a quote, a letter of another script). Enter it again.',
  'api.subscriptionKey':
    '{endpoint} refused the key: a key that begins with "sk-kimi-" is a Kimi subscription key, which the open platform does not take and whose own endpoint refuses general agents. Create a platform key at platform.moonshot.cn or platform.moonshot.ai.',
  'api.keyRefused': '{endpoint} refused the key (401). Check that it is complete and not revoked.',
  'api.keyOfOtherPlatform':
    '{endpoint} refused the key (401). Check that it is complete and not revoked. A key of the other platform is refused here: if it is one, set KIMI_BASE_URL to {other}.',
  'api.modelGone':
    "The endpoint {endpoint} does not know this address or the model {model} for this key ({said}). It may be retired, or open only after a top-up: set KIMI_MODEL to one that the provider's console lists.",
  'api.modelFollowed':
    '{endpoint} does not offer the model {model} to this key any more ({said}): it was retired, or is closed to the key. The key may use {models}, which follow it, the nearest first: set {setting} to one of them.',
  'api.modelClosed':
    '{endpoint} does not offer the model {model} to this key ({said}): it was retired, or is closed to the key. The key may use {models}: set {setting} to one of them.',
  'api.modelUnknown': '{endpoint} has no model of the name {model} ({said}). Check the spelling in {setting}; the key may use {models}.',
  'api.notFound':
    'The endpoint {endpoint} does not know this address or the model {model} for this key ({said}). Check the base URL and the model.',
  'api.notFoundNoVersion':
    'The endpoint {endpoint} does not know this address or the model {model} for this key ({said}). Check the base URL: most end in /v1 ({suggestion}).',
  'api.noKey':
    'no Kimi API key was found. The user gives one in VS Code (command "Kimi Delegate: Set Up…"; the window with this repository must be open and its folder trusted), with KIMI_API_KEY in the environment of the server, or in ~/.claude-kimi-mcp/.env (keys: https://platform.moonshot.cn or https://platform.moonshot.ai).',

  'api.overloaded': 'The provider is overloaded ({said})',
  'api.rateLimited': 'The provider limits the rate ({said})',
  'api.answered': 'The provider answered {status} ({said})',
  'api.connectionFailed': 'The connection failed ({said})',
  'api.noData': 'no data for {seconds} s',
  'api.answerBrokeOff': 'the answer ended before it was complete',
  'api.connectionError': 'connection error',
  'api.streamBroke': 'the stream broke',
  'api.gaveUp.rate': '{why}; asked {times}, then gave up. Call again later: the attempt continues where it stopped.',
  'api.gaveUp.reach':
    '{why}; tried {times}, then gave up. Check the network and the base URL, or call again later: the attempt continues where it stopped.',
  'times.one': 'once',
  'times.many': '{count} times',

  'log.slowTier':
    'This Kimi account may send {requests} requests a minute, so {steps} steps can take {minutes} minutes. A top-up of the account raises its tier.',
  'log.oddUsage': 'The provider sent a token count that cannot be right for an answer: counted by size instead (an estimate).',
  'log.noUsage': 'The provider sent no token count with an answer: counted by size instead (an estimate).',
  'log.coldCache':
    'The provider served nothing of this request from its cache, although it began like the one before: this step cost up to six times as much.',
  'log.fieldRefused': 'The server does not take {field}; requests go without it.',
  'log.shorterAnswers': 'The server allows answers of {most} tokens, fewer than the {asked} that were asked for.',
  'log.listedWindow': "By the server's list of models, {model} takes {listed} tokens; {assumed} were assumed.",
  'log.smallerWindow': 'The server takes {tokens} tokens in a request, less than the {assumed} that were assumed.',
  'log.answerCut':
    'The answer was cut at the output limit ({times} in a row); {kept} complete calls are kept, the rest is asked for again.',
  'log.answerRepeated':
    'The answer only repeated itself and was stopped ({times} in a row); {kept} complete calls are kept, the rest is asked for again.',
  'log.emptyAnswer': "The model's answer held neither text nor a tool call ({times} in a row).",
  'log.callAsText': 'A tool call of the model came as text instead of a call, and did not run ({times} in a row).',
  'log.callWithoutName': 'A tool call of the model came without a name, and did not run ({times} in a row).',
  'log.sentBack': 'The worker stopped without finish; sent back: {objection}',
  'log.reminded': 'Reminded the worker: {reminder}',
  'log.toolThrew': 'The tool {tool} threw: {said}',
  'log.changesUnknown': 'Could not look at what changed: {said}',
  'log.cleaningUp': 'cleaning up: {said}',
  'log.repeatsRemoved': 'Took {steps} steps that only repeated themselves out of the conversation.',
  'log.compacted': 'The conversation was replaced by a hand-over note ({why}): {before} bytes became {after}.',
  'log.leftOut': '{results} results that are no longer needed were left out of the conversation: {before} bytes became {after}.',
  'log.compacted.window': 'the context window was nearly full',
  'log.compacted.cost': 'a shorter one costs less from here on',
  'log.compacted.overflow': 'the server refused it as too large',
} as const;
