// Finds the columns of a table for a drawing.
import { isDate, isIri, isNumber, momentOf } from "./terms.js";

/** The columns with at least one value, all of which pass. */
function whose(answer, passes) {
  return answer.columns.filter((column) => {
    const terms = answer.rows.map((row) => row[column]).filter(Boolean);
    return terms.length > 0 && terms.every(passes);
  });
}

export const numbersIn = (answer) => whose(answer, isNumber);

/** Columns of dates: by their datatype, or texts such as 2021-02-22; a bare number is not a year. */
export function datesIn(answer) {
  const isText = (term) => term.type === "literal" && /^\d{4}-\d\d/.test(term.value) && momentOf(term);
  return whose(answer, (term) => isDate(term) || isText(term));
}

/** The best column to label a row: the first with names or things that is not in `taken`. */
export function namingIn(answer, taken) {
  const free = answer.columns.filter((column) => !taken.includes(column));
  const named = free.find((column) => /label|name|title|event|summary|statement|content/i.test(column));
  const apart = free.filter((column) => !/precision|modality|kind|record|source|certainty/i.test(column));
  const things = [...apart, ...free].find((column) => answer.rows.some((row) => isIri(row[column])));
  return named ?? things ?? free[0] ?? answer.columns[0];
}
