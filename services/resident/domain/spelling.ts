/**
 * How the same Indonesian name or address is written in different ways. Data, applied in this order; the left side is
 * what is replaced. Both the claim and the register are brought to the right side before they are compared.
 */

/** Letters of names: the spelling before 1972, and Arabic names, whose transcription was never fixed. */
const letters: readonly (readonly [RegExp, string])[] = [
  [/OE/g, 'U'],
  [/TJ/g, 'C'],
  [/DJ/g, 'J'],
  [/NJ/g, 'NY'],
  [/SJ/g, 'SY'],
  [/DZ/g, 'Z'],
  [/DH/g, 'D'],
  [/TH/g, 'T'],
  [/KH|CH/g, 'H'],
  [/PH|V/g, 'F'],
  [/Q/g, 'K'],
  // RIZKY and RIZKI, but not YANTI and IANTI.
  [/(?<=[^AEIOU ])Y(?![AEIOU])/g, 'I'],
  // Doubled letters: MUHAMMAD and MUHAMAD, ANNISA and ANISA.
  [/([A-Z])\1+/g, '$1'],
];

/** Words of names, as they stand after the letters were replaced. */
const nameWords: ReadonlyMap<string, string> = new Map([
  ['M', 'MUHAMAD'],
  ['MD', 'MUHAMAD'],
  ['MOH', 'MUHAMAD'],
  ['MOHD', 'MUHAMAD'],
  ['MUH', 'MUHAMAD'],
  ['MUHD', 'MUHAMAD'],
  ['MOHAMAD', 'MUHAMAD'],
  ['MOHAMED', 'MUHAMAD'],
  ['MUHAMED', 'MUHAMAD'],
  ['MOHAMAT', 'MUHAMAD'],
  ['MUHAMAT', 'MUHAMAD'],
  ['AHMED', 'AHMAD'],
  ['AHMAT', 'AHMAD'],
  ['ABD', 'ABDUL'],
  ['ABDOL', 'ABDUL'],
  ['ST', 'SITI'],
  ['NOR', 'NUR'],
]);

/** Words of addresses, likewise; an empty right side leaves the word out. */
const addressWords: ReadonlyMap<string, string> = new Map([
  ['JL', 'JALAN'],
  ['JLN', 'JALAN'],
  ['GG', 'GANG'],
  ['NO', ''],
  ['NOMOR', ''],
  ['NR', ''],
  ['KOMP', 'KOMPLEK'],
  ['KOMPLEKS', 'KOMPLEK'],
  ['PERUM', 'PERUMAHAN'],
  ['BLK', 'BLOK'],
  ['SIMP', 'SIMPANG'],
]);

/** A name brought to one spelling: "Mohd. Djoko Soesilo" and "MUHAMMAD JOKO SUSILO" become the same text. */
export function normaliseName(text: string): string {
  return replaceWords(
    letters.reduce((name, [pattern, replacement]) => name.replace(pattern, replacement), plain(text)),
    nameWords,
  );
}

/** The street part of an address brought to one spelling: "Jln. Sudirman No. 5" is "JALAN SUDIRMAN 5". */
export function normaliseStreet(text: string): string {
  return replaceWords(plain(text), addressWords);
}

/** Upper case letters and digits only, for numbers of certificates. */
export function normaliseNumber(text: string): string {
  return text.toUpperCase().replace(/[^A-Z0-9]/g, '');
}

/** Upper case letters and digits, everything else a space; accents and apostrophes go without one. */
function plain(text: string): string {
  return text
    .normalize('NFKD')
    .toUpperCase()
    .replace(/['’`\p{M}]/gu, '')
    .replace(/[^A-Z0-9]+/g, ' ');
}

function replaceWords(text: string, words: ReadonlyMap<string, string>): string {
  return text
    .split(' ')
    .map((word) => words.get(word) ?? word)
    .filter(Boolean)
    .join(' ');
}
