/** The thread of the server in which attempts run: it shares nothing with the one that answers the client but messages. */
import { Console } from 'node:console';
import { parentPort } from 'node:worker_threads';
import { serveJobs } from './delegation/thread/serve-jobs.ts';

globalThis.console = new Console(process.stderr, process.stderr); // what is written to stdout is the protocol's
if (parentPort) serveJobs(parentPort);
