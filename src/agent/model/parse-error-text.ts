/** What the words of an API's errors tell: limits, delays, fields. Collected from Moonshot, vLLM, SGLang, llama.cpp and routers in front of them. */
import { OPTIONAL_FIELDS, type OptionalField } from './request-body.ts';

/** What an overflow error tells about the limit that was passed; null = it does not say. */
export interface Limit {
  /** Of input and output cap together. */
  readonly tokens: number | null;
  /** Of all messages. */
  readonly bytes: number | null;
}

export function isOverflow(words: string): boolean {
  return /exceeded model token limit|input token length too long|total message size \d+ exceeds limit|context_length_exceeded|exceed_context_size|(maximum|available|model's) context (length|size|window)/i.test(
    words,
  );
}

/**
 * "exceeded model token limit: 262144", "maximum context length is 32768 tokens", "context size (4096 tokens)", "total message size 9
 * exceeds limit 8".
 */
export function parseLimit(text: string): Limit {
  const tokens = /(?:token limit|context (?:length|size|window))\s*(?:(?:is only|is|of|:|\()\s*)?(\d+)/i.exec(text);
  const bytes = /message size \d+ exceeds limit:?\s*(\d+)/i.exec(text);
  return { tokens: tokens ? Number(tokens[1]) : null, bytes: bytes ? Number(bytes[1]) : null };
}

/** "please try again after 1 seconds", "try again in 20s", "after 500 ms", "in 1m30s" -> milliseconds. */
export function parseDelay(text: string): number | null {
  const both = /(?:after|in)\s+(\d+)m(\d+(?:\.\d+)?)s\b/i.exec(text);
  if (both) return Number(both[1]) * 60_000 + Number(both[2]) * 1000;
  const match = /(?:after|in)\s+(\d+(?:\.\d+)?)\s*(ms|millisecond|s|sec|second|m|min|minute)s?\b/i.exec(text);
  if (!match) return null;
  const unit = match[2]!.toLowerCase();
  const factor = unit.startsWith('ms') || unit.startsWith('milli') ? 1 : unit.startsWith('m') ? 60_000 : 1000;
  return Number(match[1]) * factor;
}

/** The field that a server says it does not take, when a request can do without it. */
export function unknownField(said: string): OptionalField | null {
  if (/reasoning_content|incompatible/.test(said)) return null; // about what stands in the messages, or beside the field
  const isUnknown =
    /unknown|unsupported|unrecognized|unexpected|extra|additional|not (supported|permitted|allowed)|(does not|doesn't) support|invalid/i.test(
      said,
    );
  return (isUnknown && OPTIONAL_FIELDS.find((field) => new RegExp(`\\b${field}\\b`).test(said))) || null;
}

/** "max_tokens is too large: 32768. This model supports at most 8192", "the valid range of max_tokens is [1, 8192]", "<= 8192". */
export function parseCap(said: string): number | null {
  if (!/max_(completion_)?tokens/.test(said)) return null;
  const most = /(?:at most|less than or equal to|up to|<=|range\D{0,100}\d{1,20}\s{0,5},)\D{0,20}(\d+)/i.exec(said);
  return most ? Number(most[1]) : null;
}
