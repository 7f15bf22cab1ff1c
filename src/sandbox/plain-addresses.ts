/**
 * Addresses of registries without the login and the token that may stand in them, as text of any form. What is left is shown where it is plain addresses, whose
 * parts are known, and plain words: a login is written in more ways than a list of them has.
 */
import { holdsPassword } from './holds-password.ts';

/** An address without the login, the question and the fragment, where tokens stand. */
export function withoutLogin(text: string): string {
  return text.replace(/\b(\w+:\/\/)[^\s/"'<>]*@/g, '$1').replace(/(\b\w+:\/\/[^\s?#"'<>,]*)[?#][^\s"'<>,]*/g, '$1');
}

/** Scheme, host, port and path, each of plain characters, up to where some list or value ends. */
const ADDRESS =
  /\b[a-z][\w+.-]{0,20}:\/\/(?:[\w.${}-]+|\[[\da-f:.]+\])(?::\d{1,5})?((?:\/[\w.~%+@:${}()=!*-]*)*)(?=$|[\s"'<>,|)\]}]|:\s)/gi;
/** A folder of this machine, whose name is nobody's token. */
const FOLDER = /\bfile:\/\/(?:\/[\w.~+-]+)+\/?(?=$|["'<>,|)\]}]|\s)/gi;
/** What may be, or hide, a part of another one: a login, a scheme, characters that are written by their numbers. `@` begins the name of a scope. */
const MORE = /(?<![\s"'=(,[]|^)@|:\/|\/\/|[\\&;%]/;

/** Whether what is left of addresses may be shown. */
export function isOpen(text: string): boolean {
  const paths: string[] = [];
  const rest = text.replace(FOLDER, '').replace(ADDRESS, (_, path: string) => {
    paths.push(path);
    return '';
  });
  return !MORE.test(rest) && !holdsPassword(Buffer.from(text)) && !paths.some(hasToken);
}

const SHORTEST_TOKEN = 16;
const WORD_OR_NUMBER = /^(?:[a-z]*|[A-Z][a-z]*|[A-Z]+|[a-z]{1,10}\d{1,2}|\d{1,8})$/;
/** As conda writes it. */
const NAMED_TOKEN = /\/t\/[\w-]{8,}/;

/** A token may also be a part of the path, as with Cloudsmith and conda: long, of letters and digits, and not of words and numbers as names are. */
function hasToken(path: string): boolean {
  return NAMED_TOKEN.test(path) || path.split('/').some(isToken);
}

function isToken(part: string): boolean {
  const plain = part.replaceAll(/%20|%40/g, '-');
  if (plain.length < SHORTEST_TOKEN) return false;
  if (/[%=]/.test(plain)) return true;
  return /\d/.test(plain) && /[a-z]/i.test(plain) && !plain.split(/[^a-z\d]/i).every((one) => WORD_OR_NUMBER.test(one));
}
