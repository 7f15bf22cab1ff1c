import { type Message, message, say } from '../../src/messages/message.ts';

/** The text that Claude reads; empty where there is none. */
export const english = (said: Message | '' | null | undefined): string => (said ? say(said, 'en') : '');

/** A message for tests that do not care what it says. */
export const inWords = (text: string): Message => message('text', { text });
