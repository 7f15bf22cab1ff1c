/** What a scripted Kimi plays: a list of turns, or a function that answers each request. No dependencies. */

/** One answer of the model. An empty turn is an empty answer. */
export interface Turn {
  reasoning?: string;
  text?: string;
  calls?: readonly ScriptedCall[];
  fault?: Fault;
}

export interface ScriptedCall {
  name: string;
  /** The arguments, or a function that reacts to what came before. */
  args: Args | ((request: RequestView) => Args);
  /** Instead of `functions.<name>:<n>`. */
  id?: string;
}

export type Args = Record<string, unknown>;

/** A list is played in order, one turn a request (refused ones included); after its end comes a plain `Done.` */
export type Scenario = readonly Turn[] | ((request: RequestView) => Turn);

/** What a scenario sees of a request. */
export interface RequestView {
  /** Chat requests that passed the rules before this one. */
  index: number;
  /** Assistant messages in the history: the steps of the attempt that left a trace. */
  step: number;
  messages: readonly WireMessage[];
  /** Contents of the tool messages after the last assistant message. */
  lastResults: readonly string[];
}

export interface WireMessage {
  role: string;
  content?: unknown;
  reasoning_content?: unknown;
  tool_calls?: readonly { id: string; type: string; function: { name: string; arguments: string } }[];
  tool_call_id?: string;
}

/** Faults that answer with an error instead of a stream. */
export const REFUSALS = [
  '429_rpm',
  '429_concurrency',
  '429_tpm',
  '429_tpd',
  '429_quota',
  '429_overloaded',
  '400_content_filter',
  '400_overflow',
  '401',
  '402',
  '403',
  '404_model',
  '408',
  '413',
  /** As a proxy in between sends it: no body, and when to come back only in a header. */
  '429_bare',
  /** Another host is named, as by a captive portal. */
  'redirect',
  /** A login page with status 200 instead of an answer. */
  'web_page',
  '500',
  '502',
  '503',
] as const;

/** Faults that break the connection or the stream. `stall_*` last until the client goes away. */
export const BREAKS = [
  'reset_before_headers',
  'reset_mid_stream',
  'stall_before_headers',
  'stall_mid_stream',
  'truncated_frame',
  'no_finish',
  'error_frame',
  /** The same as servers other than the platform write it: a status as the code, and no type. */
  'error_frame_code',
  /** The account ran out of quota while the answer was written. */
  'quota_frame',
  /** The server stops in mid-answer and says so with a finish reason of its own. */
  'abort_finish',
  /** Like `stall_mid_stream`, but comments keep the connection busy. */
  'stall_with_comments',
] as const;

/** Oddities that a client must take in its stride. */
export const ODDITIES = [
  'no_done',
  'no_usage',
  'usage_in_details',
  'usage_in_choice',
  /** First in the choice, then at the top without saying what was cached. */
  'usage_twice',
  'content_array',
  'empty_tool_name',
  'name_after_arguments',
  'whole_arguments',
  'calls_in_one_delta',
  'repeated_ids',
  'fresh_ids',
  'keep_alive_comments',
  /** The calls of an answer take turns, piece by piece. */
  'interleaved_calls',
  'calls_without_index',
  'stop_with_calls',
  'crlf',
  /** Written in pieces that cut lines and characters in two. */
  'split_bytes',
  'gzip',
  /** One JSON object, as if no stream had been asked for. */
  'whole_json',
  /** Nothing of the request is served from the cache. */
  'cold_cache',
] as const;

/** Bad answers of the model itself: the server sends them as it should. */
export const MODEL_FAULTS = [
  'length_cut',
  'broken_json',
  'content_filter_finish',
  /** The calls of the turn come as the model's own markup, in its text or in its thinking. */
  'markup_in_text',
  'markup_in_reasoning',
  /** The only call has no name. */
  'nameless_call',
  'empty_answer',
] as const;

export type Fault = (typeof REFUSALS)[number] | (typeof BREAKS)[number] | (typeof ODDITIES)[number] | (typeof MODEL_FAULTS)[number];

/** The server's own count of one chat request, in its tokens. */
export interface RequestRecord {
  /** When its last byte was here, by `performance.now()`. */
  readonly at: number;
  /** The body as it came. */
  body: Buffer;
  /** Of the body, also where that is not kept. */
  bytes: number;
  status: number;
  /** The error message, when it was refused. */
  error: string | null;
  fault: Fault | null;
  /** null when nothing was produced. */
  usage: { input: number; cached: number; output: number } | null;
  /** Whether the count was sent whole to the client. */
  usageSent: boolean;
  thinking: 'enabled' | 'disabled';
  maxOutput: number;
}
