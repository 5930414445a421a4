// Finds the prose that is not in documents: help texts of the binary, and the messages of Tenure.
import { spawnSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** The paragraphs of every command's long help. */
export function helpTexts(tenure) {
  const pieces = [];
  const visit = (command) => {
    const { stdout, status, stderr } = spawnSync(tenure, [...command, "--help"], {
      encoding: "utf8",
      // One line for each paragraph.
      env: { ...process.env, COLUMNS: "100000", NO_COLOR: "1" },
    });
    if (status !== 0) throw new Error(`${tenure} ${command.join(" ")} --help: ${stderr}`);
    let inCommands = false;
    const commands = [];
    for (const line of stdout.split("\n")) {
      if (/^\S.*:$/u.test(line)) inCommands = line === "Commands:";
      const entry = /^ {2}([a-z][a-z-]*) {2,}(.*)$/u.exec(line);
      if (inCommands && entry) {
        if (entry[1] !== "help") commands.push(entry[1]);
        pieces.push({ origin: `tenure ${command.join(" ")} --help (${entry[1]})`, text: entry[2] });
        continue;
      }
      // Usage lines and names of options are no prose.
      const text = line.trim().replace(/^-{1,2}[A-Za-z][^ ]*(?:,? -{1,2}[^ ]+)*(?: <[^>]*>\S*| \[[^\]]*\]\S*)*\s*/u, "")
        .replace(/^- [a-z-]+:? */u, "").replace(/^<[^>]+>\S*\s*|^\[[A-Z_]+\]\S*\s*/u, "");
      if (text.split(/\s+/u).length >= 2 && !/^(?:Usage:|tenure |\$ )/u.test(text) && !/^\S.*:$/u.test(line)) {
        pieces.push({ origin: `tenure ${command.join(" ")} --help`, text: plain(text) });
      }
    }
    for (const name of commands) visit([...command, name]);
  };
  visit([]);
  if (pieces.length < 50) throw new Error(`only ${pieces.length} paragraphs of help`);
  return pieces;
}

/** Markdown's own marks would turn a piece into something else than a paragraph. */
function plain(text) {
  // What Tenure quotes is not its own.
  return text.replace(/"[^"\s]*"/gu, "`x`").replace(/^([-*+>#|]|\d+\.)\s/u, "\\$1 ").replace(/\[[a-z ]+: [^\]]*\]/gu, "");
}

/** What `tests/bad` prints: the messages and helps, each joined to one line. */
export function badInputs(root) {
  const pieces = [];
  const folder = join(root, "tests/bad");
  for (const name of readdirSync(folder).sort()) {
    const origin = `tests/bad/${name}/expected`;
    let open = null;
    for (const line of readFileSync(join(folder, name, "expected"), "utf8").split("\n")) {
      const start = /^ {2}(?:×|⚠|help:) (.*)$/u.exec(line);
      const next = /^ {2}(?:│ |  {4,})(\S.*)$/u.exec(line);
      if (start) {
        open = { origin, text: plain(start[1]) };
        pieces.push(open);
      } else if (open && next) {
        open.text += ` ${next[1]}`;
      } else {
        open = null;
      }
    }
  }
  if (pieces.length < 300) throw new Error(`only ${pieces.length} messages of bad input`);
  return pieces;
}

/** Texts of four words or more in the string literals of `src`, tests left out. */
export function messagesOfSources(root) {
  const pieces = [];
  const visit = (folder) => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        if (entry.name !== "tests") visit(path);
      } else if (entry.name.endsWith(".rs") && !/tests?\.rs$/u.test(entry.name)) {
        const source = readFileSync(join(root, path), "utf8").split("#[cfg(test)]\nmod ")[0];
        for (const { text, line } of literals(source)) {
          if (text.split(/\s+/u).length >= 4 && !/[{};]\s*$|^\s*[<{(]|\n\s*\n|::|^\s*Examples:/u.test(text)) {
            pieces.push({ origin: `${path}:${line}`, text: plain(text.trim()) });
          }
        }
      }
    }
  };
  visit("src");
  if (pieces.length < 300) throw new Error(`only ${pieces.length} messages in src`);
  return pieces;
}

/** The string literals of Rust source, comments and characters skipped. */
function* literals(source) {
  const token = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|b?r(#*)"([\s\S]*?)"\1|b?"((?:[^"\\]|\\[\s\S])*)"|'(?:\\.[^']*|[^'\\])'/gu;
  for (const match of source.matchAll(token)) {
    const raw = match[2] ?? match[3];
    if (raw === undefined) continue;
    const text = raw.replace(/\\\n\s*/gu, "").replace(/\\n/gu, " ").replace(/\\"/gu, '"');
    yield { text, line: source.slice(0, match.index).split("\n").length };
  }
}

/** The texts for people in the annotations of the shipped policies. */
export function messagesOfPolicies(root) {
  const pieces = [];
  const folder = join(root, "policies");
  for (const name of readdirSync(folder).sort()) {
    if (!/\.cedar(schema)?$/u.test(name)) continue;
    const source = readFileSync(join(folder, name), "utf8");
    for (const match of source.matchAll(/@(?:message|title|remediation)\("((?:[^"\\]|\\.)*)"\)/gu)) {
      pieces.push({ origin: `policies/${name}:${source.slice(0, match.index).split("\n").length}`, text: plain(match[1]) });
    }
  }
  if (pieces.length < 50) throw new Error(`only ${pieces.length} messages of policies`);
  return pieces;
}

/** The descriptions in the JSON Schemas, which editors show. */
export function descriptionsOfSchemas(root) {
  const pieces = [];
  const visit = (value, origin) => {
    if (Array.isArray(value)) value.forEach((one) => visit(one, origin));
    else if (value && typeof value === "object") {
      if (typeof value.description === "string") {
        for (const text of value.description.split("\n\n")) pieces.push({ origin, text: plain(text.replaceAll("\n", " ")) });
      }
      Object.values(value).forEach((one) => visit(one, origin));
    }
  };
  for (const name of readdirSync(join(root, "schemas")).sort()) {
    if (name.endsWith(".schema.json")) visit(JSON.parse(readFileSync(join(root, "schemas", name), "utf8")), `schemas/${name}`);
  }
  if (pieces.length < 300) throw new Error(`only ${pieces.length} descriptions in schemas`);
  return pieces;
}
