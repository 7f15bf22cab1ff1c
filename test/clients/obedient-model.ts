/**
 * A model that does what our texts say and nothing else: it calls the tool, then whatever `next` asks for, and ends with the report. It
 * speaks the wire format in which it is asked, on a loopback port.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FORMATS, type Turn } from './wire-formats.ts';

export interface ObedientModel {
  readonly port: number;
  /** The turns that it took for the task, with the time of each, ms. */
  readonly turns: readonly { readonly said: string; readonly at: number }[];
  /** What came back from our tools, in order. */
  readonly results: readonly string[];
  close(): Promise<void>;
}

interface Call {
  readonly tool: string;
  readonly args: Record<string, unknown>;
}

/** @param task says in a prompt that the request belongs to the task, and not to a title or a summary @param first the call that it begins with */
export async function startObedientModel(task: string, first: Call): Promise<ObedientModel> {
  const turns: { said: string; at: number }[] = [];
  const results: string[] = [];
  let wanted = first;
  let searched = false;
  const decide = (request: string, last: string | null, tools: readonly string[]): Turn => {
    const name = nameOf('implement_feature', tools, request);
    if (!request.includes(task) || name === null) return { text: 'Task' };
    if (last !== null && !searched) results.push(last);
    const next = last === null || searched ? { call: wanted } : following(last);
    const turn = 'call' in next ? asTheClientWants(next.call, tools, request) : next;
    turns.push({ said: 'call' in turn ? `${turn.call.tool} ${JSON.stringify(turn.call.args)}` : turn.text, at: Date.now() });
    return turn;
  };
  /** Where tools are hidden, their schema is looked at first. */
  const asTheClientWants = (call: Call, tools: readonly string[], request: string): Turn => {
    const name = nameOf(call.tool, tools, request) ?? call.tool;
    wanted = call;
    if (tools.includes(name)) return { call: { tool: name, args: call.args } };
    searched = !searched;
    if (searched) return { call: { tool: 'tool_search', args: { query: `select:${name}` } } };
    return { call: { tool: 'tool_call', args: { name, arguments: call.args } } };
  };
  const server = createServer((request, response) => {
    answer(request, response, decide).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else response.writeHead(500).end(String(error));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    turns,
    results,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** What an answer of ours asks for. */
function following(answer: string): Turn {
  const [, tool, json] = /next: call (\w+) (\{.*?\})(?= |\n|$)/.exec(answer) ?? [];
  if (tool !== undefined && json !== undefined) return { call: { tool, args: JSON.parse(json) as Record<string, unknown> } };
  const outcome = /outcome: (\w+)/.exec(answer)?.[1];
  return { text: outcome ? `The work is done: ${outcome}.` : `I can't go on: ${answer}` };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  decide: (request: string, last: string | null, tools: readonly string[]) => Turn,
) {
  const url = new URL(request.url ?? '', 'http://127.0.0.1');
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  const format = request.method === 'POST' ? FORMATS.find(({ path }) => path.test(url.pathname)) : undefined;
  if (!format)
    return json(response, url.pathname.endsWith('/models') ? { object: 'list', data: [{ id: 'scripted', object: 'model' }] } : {});
  const body = JSON.parse(text) as Record<string, unknown>;
  format.write(response, body, decide(text, format.lastResult(body), format.tools(body)));
}

/** The name of a tool of ours in this client: among the tools, or where hidden ones can be called, anywhere. */
function nameOf(tool: string, tools: readonly string[], request: string): string | null {
  const offered = tools.find((name) => name.endsWith(tool));
  if (offered !== undefined || !tools.includes('tool_call')) return offered ?? null;
  return new RegExp(`mcp__[\\w-]+__${tool}\\b`).exec(request)?.[0] ?? null;
}

function json(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}
