// Loaded into the server by a test (--require): the thread of the attempts is as busy as one that reads what is slow to be read, as long as a file is there.
const { existsSync } = require('node:fs');
const { isMainThread } = require('node:worker_threads');
if (!isMainThread) {
  const file = process.env.STALL_WHILE;
  const sleep = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
  setInterval(() => {
    while (existsSync(file)) sleep();
  }, 10).unref();
}
