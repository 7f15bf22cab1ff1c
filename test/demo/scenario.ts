import type { Turn } from '../fakes/kimi/scenario.ts';

/** What the scripted model does in the demo: reproduce, mend, notice that its first try breaks the older callers, correct, prove. */
export const DEMO_TURNS: readonly Turn[] = [
  {
    reasoning: 'First see the failure myself.',
    calls: [{ name: 'run_command', args: { command: 'npm test' } }],
  },
  {
    reasoning: 'total() adds the price once for each line. Read it and its test together.',
    calls: [
      { name: 'read_file', args: { path: 'src/cart.js' } },
      { name: 'read_file', args: { path: 'test/cart.test.js' } },
    ],
  },
  {
    reasoning: 'Regression test for lines without a quantity first, then the fix.',
    calls: [
      {
        name: 'edit_file',
        args: {
          path: 'test/cart.test.js',
          edits: [
            {
              old_text: "test('a large order gets its discount', () => {",
              new_text:
                "test('a line without a quantity is one piece', () => {\n  assert.equal(total([{ name: 'pear', price: 45 }]), 45);\n});\n\ntest('a large order gets its discount', () => {",
            },
          ],
        },
      },
      {
        name: 'edit_file',
        args: { path: 'src/cart.js', edits: [{ old_text: 'sum += line.price;', new_text: 'sum += line.price * line.quantity;' }] },
      },
    ],
  },
  {
    reasoning: 'Run everything.',
    calls: [{ name: 'run_command', args: { command: 'npm test' } }],
  },
  {
    reasoning: 'NaN: a line without a quantity. Default it to one.',
    calls: [
      {
        name: 'edit_file',
        args: {
          path: 'src/cart.js',
          edits: [{ old_text: 'sum += line.price * line.quantity;', new_text: 'sum += line.price * (line.quantity ?? 1);' }],
        },
      },
    ],
  },
  { calls: [{ name: 'run_command', args: { command: 'npm test' } }] },
  {
    calls: [
      {
        name: 'finish',
        args: {
          summary:
            'total() now multiplies the price by the quantity; a line without a quantity counts as one piece, as before.\nAdded a regression test for such a line. npm test: 4 of 4 pass.',
          commit_message: 'Count quantities in the cart total\n\nA line without a quantity still counts as one piece.',
        },
      },
    ],
  },
];
