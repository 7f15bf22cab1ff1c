// Loaded into the processes of tests that run beside those with a window: they, and what they start, have what these leave of the processors.
require('node:os').setPriority(19);
process.env.TMPDIR = process.env.PATIENT_TMPDIR ?? process.env.TMPDIR;
