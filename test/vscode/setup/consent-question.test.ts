import assert from 'node:assert/strict';
import type { Consent } from '../../../src/broker/protocol.ts';
import { consentQuestion } from '../../../src/vscode/setup/consent-question.ts';

describe('whether code may be sent, asked in a message and in front of everything', () => {
  let message: PromiseWithResolvers<Consent>;
  let inFront: PromiseWithResolvers<Consent>;
  let question: ReturnType<typeof consentQuestion>;
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  beforeEach(() => {
    [message, inFront] = [Promise.withResolvers<Consent>(), Promise.withResolvers<Consent>()];
    question = consentQuestion(message.promise);
  });
  const open = () => question.inFront(() => inFront.promise);

  it('is answered in the message', async () => {
    message.resolve('denied');
    assert.equal(await question.answer, 'denied');
  });

  it('is answered in front, also where the message is closed before that answer is kept', async () => {
    const asked = open();
    message.resolve('ask');
    await settled();
    inFront.resolve('granted');
    assert.equal(await question.answer, 'granted');
    await asked;
  });

  it('stays open where nothing was decided in front, until the message is closed', async () => {
    inFront.resolve('ask');
    await open();
    let answer: Consent | undefined;
    void question.answer.then((consent) => {
      answer = consent;
    });
    await settled();
    assert.equal(answer, undefined);
    message.resolve('ask');
    assert.equal(await question.answer, 'ask');
  });

  it('is not decided by leaving it in front after the message was closed', async () => {
    const asked = open();
    message.resolve('ask');
    inFront.resolve('ask');
    await asked;
    assert.equal(await question.answer, 'ask');
  });

  it('fails where a decision cannot be kept', async () => {
    const asked = open();
    message.resolve('ask');
    inFront.reject(new Error('settings are read-only'));
    await assert.rejects(question.answer, /read-only/);
    await assert.rejects(asked, /read-only/);
  });

  it('fails where the decision in the message cannot be kept', async () => {
    message.reject(new Error('settings are read-only'));
    await assert.rejects(question.answer, /read-only/);
  });
});
