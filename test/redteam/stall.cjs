// Loaded into the server by a test (--require): a thread is as busy as one that reads what is slow to be read, as long as a file with its number is there
// (1 runs attempts, 2 decides and looks), and that of the attempts waits in a call of the system, as at a drive that is gone, once a pipe is there.
const { existsSync, openSync } = require('node:fs');
const { isMainThread, threadId } = require('node:worker_threads');
if (!isMainThread) {
  const { STALL_WHILE, WAIT_AT } = process.env;
  const file = STALL_WHILE && `${STALL_WHILE}.${threadId}`;
  const sleep = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
  setInterval(() => {
    while (file && existsSync(file)) sleep();
    if (WAIT_AT && threadId === 1 && existsSync(WAIT_AT)) openSync(WAIT_AT);
  }, 10).unref();
}
