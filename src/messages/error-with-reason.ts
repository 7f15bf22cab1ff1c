import { type Message, say } from './message.ts';

/** Something that can happen and that whoever called must be told, in their language. */
export class ErrorWithReason extends Error {
  readonly reason: Message;
  constructor(reason: Message) {
    super(say(reason, 'en'));
    this.name = new.target.name;
    this.reason = reason;
  }
}
