// Loaded into the server by a test (--require): the thread of the attempts is as busy as one that reads what is slow to be read, as long as a file is there.
// Or it waits in a call of the system, as one does on a drive that is gone, once there is a pipe.
const { existsSync, openSync } = require('node:fs');
const { isMainThread } = require('node:worker_threads');
if (!isMainThread) {
  const { STALL_WHILE: file = '', WAIT_AT: pipe = '' } = process.env;
  const sleep = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
  setInterval(() => {
    while (existsSync(file)) sleep();
    if (existsSync(pipe)) openSync(pipe);
  }, 10).unref();
}
