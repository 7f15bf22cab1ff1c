/** A name as file systems compare it that do not tell cases, nor forms of an accent, apart. */
export const foldedName = (name: string): string => name.normalize('NFC').toLowerCase();
