// Lints the prose of the repository: documents, help texts and messages.
//
//   node lint.mjs TENURE [FILE…]   lints with the help texts of the binary TENURE (`-` for none)
//
// Banned phrases and terms come from `.textlintrc.json`. The length of sentences is measured here, since the limit is
// on the share of long ones: at most 5 % may have over 25 words, and none over 40.
import { readFileSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { TextlintKernelDescriptor } from "@textlint/kernel";
import { splitAST } from "sentence-splitter";
import { createLinter, loadTextlintrc } from "textlint";
import { badInputs, descriptionsOfSchemas, helpTexts, messagesOfPolicies, messagesOfSources } from "./extract.mjs";

const LONG = 25;
const TOO_LONG = 40;
const SHARE = 0.05;
// Shorter ones are labels.
const SHORTEST = 3;

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../..");
const lengths = new Map(); // group → lengths of sentences
let group = "";
const longest = [];

/** How many words a sentence has; a piece of code is one. */
function words(node) {
  if (node.type === "Code" || node.type === "Image" || node.type === "Html") return node.type === "Html" ? [] : ["x"];
  if (node.children) return node.children.flatMap(words);
  return (node.value ?? "").split(/\s+/u).filter((word) => /[\p{L}\p{N}]/u.test(word));
}

function sentenceLength({ Syntax, RuleError, report }) {
  const measure = (paragraph) => {
    for (const sentence of splitAST(paragraph).children) {
      if (sentence.type !== "Sentence") continue;
      const length = words(sentence).length;
      if (length < SHORTEST) continue;
      lengths.set(group, [...(lengths.get(group) ?? []), length]);
      if (length > LONG) longest.push({ group, length, text: sentence.raw.replaceAll("\n", " "), line: sentence.loc.start.line });
      if (length > TOO_LONG) report(sentence, new RuleError(`${length} words; at most ${TOO_LONG}`));
    }
  };
  return { [Syntax.Paragraph]: measure, TableCell: measure };
}

const found = await loadTextlintrc({ configFilePath: join(here, ".textlintrc.json") });
const own = new TextlintKernelDescriptor({
  plugins: [], filterRules: [],
  rules: [{ ruleId: "sentence-length", rule: sentenceLength, options: {} }],
});
const linter = createLinter({ descriptor: found.concat(own) });

// A configuration that cannot be loaded leaves textlint without rules, and without a word.
for (const [planted, rule] of [["Here somebody knows.", "prh"], ["A github account.", "terminology"], ["Word ".repeat(TOO_LONG + 1), "sentence-length"]]) {
  const { messages } = await linter.lintText(planted, "planted.md");
  if (!messages.some(({ ruleId }) => ruleId === rule)) throw new Error(`${rule} does not notice: ${planted}`);
}
lengths.clear();
longest.length = 0;

function markdown(folder) {
  return readdirSync(join(root, folder)).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(join(root, path)).isDirectory()) return markdown(path);
    return name.endsWith(".md") ? [path] : [];
  }).sort();
}

const [tenure = "-", ...only] = process.argv.slice(2);
const documents = only.length > 0 ? only : [
  "README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md",
  ...markdown("docs"), ...markdown("fixtures"), ...markdown("benches"),
];
let problems = 0;
async function lint(text, name, place) {
  const result = await linter.lintText(text, name);
  for (const { line, ruleId, message } of result.messages) {
    console.log(`${place(line)}: ${ruleId}: ${message.split("\n")[0]}`);
    problems += 1;
  }
}

for (const path of documents) {
  group = path;
  await lint(readFileSync(join(root, path), "utf8"), path, (line) => `${path}:${line}`);
}
if (only.length === 0) {
  const groups = [
    ["messages of bad input", badInputs(root)],
    ["messages in src", messagesOfSources(root)],
    ["messages in policies", messagesOfPolicies(root)],
    ["descriptions in schemas", descriptionsOfSchemas(root)],
  ];
  if (tenure !== "-") groups.unshift(["help texts", helpTexts(tenure)]);
  for (const [name, pieces] of groups) {
    group = name;
    // A paragraph for each piece; two lines apart, so a line number leads back to it.
    const text = pieces.map((piece) => piece.text.replaceAll("\n", " ")).join("\n\n");
    await lint(text, "pieces.md", (line) => `${pieces[(line - 1) / 2 | 0]?.origin ?? name}`);
  }
}

let sentences = 0;
let long = 0;
for (const [name, all] of lengths) {
  const over = all.filter((length) => length > LONG).length;
  sentences += all.length;
  long += over;
  if (process.env.PROSE_DETAILS) console.log(`${name}: ${over} of ${all.length} sentences`);
}
if (process.env.PROSE_DETAILS) {
  for (const { group, length, text, line } of longest.sort((a, b) => b.length - a.length)) console.log(`${group}:${line}: ${length}: ${text}`);
}
const share = (100 * long / sentences).toFixed(1);
console.log(`${long} of ${sentences} sentences (${share} %) have over ${LONG} words; at most ${100 * SHARE} % may`);
if (long > SHARE * sentences) problems += 1;
console.log(`${problems} problem${problems === 1 ? "" : "s"} of prose`);
process.exitCode = problems === 0 ? 0 : 1;
