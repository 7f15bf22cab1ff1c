/** Opens a sandbox by the spec in argv and runs the command in argv; for a test that kills this process meanwhile. */
import { openSandbox } from '../../src/sandbox/sandbox.ts';
import { english } from '../messages/english.ts';

const [spec, program, command, outputFile] = process.argv.slice(2);
const opened = await openSandbox(JSON.parse(spec ?? ''), { program });
if (!opened.ok) throw new Error(english(opened.reason));
await opened.sandbox.run(command ?? '', {
  cwd: '',
  timeoutMs: 600_000,
  network: false,
  signal: new AbortController().signal,
  outputFile: outputFile ?? '',
});
