// @ts-check
// SPDX-License-Identifier: Apache-2.0
/**
 * Reads where a Debian or Ubuntu machine gets its packages from: sources.list(5), in both formats.
 */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

/**
 * One archive with some of its suites.
 * @typedef {object} Archive
 * @property {string} uri Without a slash at the end.
 * @property {string[]} suites
 * @property {string[]} components
 * @property {string} [signedBy] Key ring file, fingerprint or the key itself (several lines).
 * @property {boolean} trusted The machine's owner does without signatures here.
 */

/**
 * All archives of binary packages that the machine uses.
 * @param {string} [folder] apt's configuration folder.
 * @returns {Archive[]}
 */
export function readSources(folder = "/etc/apt") {
    const parts = join(folder, "sources.list.d");
    const names = existsSync(parts) ? readdirSync(parts).sort() : [];
    const files = [join(folder, "sources.list"), ...names.map((name) => join(parts, name))];
    return files.filter((file) => existsSync(file)).flatMap(readSourcesFile);
}

/** @param {string} file */
function readSourcesFile(file) {
    if (file.endsWith(".sources")) {
        return parseDeb822(readFileSync(file, "utf8"));
    }
    return file.endsWith(".list") ? parseOneLine(readFileSync(file, "utf8")) : [];
}

/**
 * Parses the one-line format, `deb [signed-by=FILE] URI SUITE COMPONENT…`.
 * @param {string} text
 * @returns {Archive[]}
 */
export function parseOneLine(text) {
    const archives = [];
    for (const line of text.split("\n")) {
        const match = /^deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s*(.*)$/.exec(uncomment(line));
        if (match) {
            const [, options = "", uri = "", suite = "", components = ""] = match;
            archives.push(archive(uri, [suite], words(components), parseOptions(options)));
        }
    }
    return archives;
}

/**
 * Parses the deb822 format: stanzas of `Field: value`.
 * @param {string} text
 * @returns {Archive[]}
 */
export function parseDeb822(text) {
    return text.split(/\n(?:[ \t]*\n)+/).map(parseStanza).flatMap((field) => {
        const wanted = words(field("types")).includes("deb") && field("enabled") !== "no";
        const suites = words(field("suites"));
        const components = words(field("components"));
        return (wanted ? words(field("uris")) : []).map((uri) =>
            archive(uri, suites, components, field),
        );
    });
}

/**
 * @param {string} stanza
 * @returns {(name: string) => string} Gives a field's value, "" when it is not there.
 */
function parseStanza(stanza) {
    /** @type {Map<string, string>} */
    const fields = new Map();
    let last = "";
    for (const line of stanza.split("\n").filter((line) => !line.startsWith("#"))) {
        const match = /^([^\s:]+):[ \t]*(.*)$/.exec(line);
        if (match) {
            last = (match[1] ?? "").toLowerCase();
            fields.set(last, (match[2] ?? "").trim());
        } else if (line.trim() !== "") {
            fields.set(last, `${fields.get(last) ?? ""}\n${line.trimEnd()}`);
        }
    }
    return (name) => fields.get(name) ?? "";
}

/**
 * The options between the brackets of the one-line format.
 * @param {string} text
 * @returns {(name: string) => string}
 */
function parseOptions(text) {
    const pairs = words(text).map((word) => word.split("="));
    const options = new Map(pairs.map(([name = "", value = ""]) => [name.toLowerCase(), value]));
    return (name) => options.get(name) ?? "";
}

/**
 * @param {string} uri
 * @param {string[]} suites
 * @param {string[]} components
 * @param {(name: string) => string} option
 * @returns {Archive}
 */
function archive(uri, suites, components, option) {
    const signedBy = option("signed-by");
    const result = { uri: uri.replace(/\/+$/, ""), suites, components };
    return {
        ...result,
        trusted: option("trusted") === "yes",
        ...(signedBy === "" ? {} : { signedBy }),
    };
}

/** @param {string} line */
function uncomment(line) {
    return line.replace(/#.*/, "").trim();
}

/** @param {string} text */
function words(text) {
    return text.split(/\s+/).filter((word) => word !== "");
}
