// Loaded into the server by a test (--require): waits of a minute, which only the shortest time limit is, take SHORT_MINUTE_MS.
const timers = require('node:timers/promises');

const { setTimeout } = timers;
timers.setTimeout = (ms, ...rest) => setTimeout(ms === 60_000 ? Number(process.env.SHORT_MINUTE_MS) : ms, ...rest);
