// @ts-check
// SPDX-License-Identifier: Apache-2.0
/**
 * Rules on regular expressions. Espruino's matcher knows characters, classes, `.`, `*`, `+`, `^`,
 * `$`, groups that only mark a part, and `|` between whole expressions.
 */

/**
 * What is wrong with a regular expression, each with what to write instead.
 * @param {string} pattern
 * @param {string} flags
 * @returns {string[]}
 */
export function findRegexpFaults(pattern, flags) {
    /** @type {string[]} */
    const faults = [];
    const other = flags.replace(/[gi]/g, "");
    if (other !== "") {
        faults.push(`no flag \`${other}\`: only g and i`);
    }
    const elements = split(pattern);
    elements.forEach((element, index) => {
        const fault = judge(element, elements, index);
        if (fault !== undefined) {
            faults.push(fault);
        }
    });
    if (elements.includes("$") && elements[0] !== "^" && matchesEmpty(pattern)) {
        faults.push("nothing is found at the very end of a text: use + in place of * before `$`");
    }
    elements.forEach((element, index) => {
        if (element === "+" && sharesNext(elements, index)) {
            const one = elements[index - 1];
            faults.push(
                `\`${one}+\` may take nothing if what follows matches too: write ${one}${one}*`,
            );
        }
    });
    return [...faults, ...judgeGroups(elements), ...judgeAlternatives(elements)];
}

/**
 * Whether a regular expression can match no characters at all.
 * @param {string} pattern
 */
export function matchesEmpty(pattern) {
    const elements = split(pattern);
    let empty = true;
    for (const [index, element] of elements.entries()) {
        if (element === "|" && empty) {
            return true;
        }
        if (element === "|") {
            empty = true;
        } else if (!/^([\^$()]|[*+?]\??|\{.*)$/.test(element)) {
            empty &&= /^([*?]|\{0)/.test(elements[index + 1] ?? "");
        }
    }
    return empty;
}

/**
 * Whether what a `+` repeats and what comes next can match the same character.
 * @param {string[]} elements
 * @param {number} plus
 */
function sharesNext(elements, plus) {
    const own = charactersOf(elements[plus - 1] ?? "");
    for (let index = plus + 1; index < elements.length; index++) {
        const next = elements[index] ?? "";
        if (next === "|" || next === "$") {
            return false;
        }
        if (!/^[()*+?]/.test(next)) {
            const set = charactersOf(next);
            if ([...own].some((character) => set.has(character))) {
                return true;
            }
            if (elements[index + 1] !== "*") {
                return false;
            }
        }
    }
    return false;
}

/**
 * The characters that one element matches, in both cases.
 * @param {string} element
 */
function charactersOf(element) {
    const bytes = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code));
    try {
        const one = new RegExp(`^${element}$`, "i");
        return new Set(bytes.filter((character) => one.test(character)));
    } catch {
        return new Set(bytes);
    }
}

/**
 * Splits into characters, escapes, classes, and quantifiers with what makes them lazy.
 * @param {string} pattern
 * @returns {string[]}
 */
function split(pattern) {
    const escape = String.raw`\\(?:x[0-9a-fA-F]{2}|u\{[^}]*\}|u[0-9a-fA-F]{4}|[pPk][{<][^}>]*[}>]`
        + String.raw`|c[A-Za-z]|[^])`;
    const element = new RegExp(
        `${escape}|\\[(?:${escape}|[^\\]\\\\])*\\]|\\(\\?(?:[:=!]|<[=!]|<[^>]*>)`
            + `|\\{[0-9]+(?:,[0-9]*)?\\}\\??|[*+?]\\??|[^]`,
        "g",
    );
    return pattern.match(element) ?? [];
}

/**
 * @param {string} element
 * @param {string[]} elements
 * @param {number} index
 * @returns {string | undefined}
 */
function judge(element, elements, index) {
    if (/^\(\?/.test(element)) {
        return `no \`${element}…)\`: only plain groups`;
    }
    if (/^\{[0-9]/.test(element)) {
        return `no \`${element}\`: repeat what is counted`;
    }
    if (/^[*+?]\?$/.test(element)) {
        return `nothing is lazy (\`${element}\`): exclude the end in a class, as in [^"]*`;
    }
    if (element === "?") {
        return "no `?`: split into two expressions, or match with * and look at the result";
    }
    if (/^(\[\^|\\[DSW]$)/.test(element) && elements[index + 1] === "+") {
        return `\`${element}+\` finds itself in no characters at the end: write`
            + ` ${element}${element}*`;
    }
    if (element[0] === "[" && element.length > 1) {
        return judgeClass(element, elements.slice(0, index));
    }
    if (element[0] === "\\") {
        return judgeEscape(element);
    }
    if (element === ".") {
        return "`.` matches line ends too: write [^\\n]";
    }
    return undefined;
}

/** @param {string} element */
function judgeEscape(element) {
    if (/^\\[1-9k]/.test(element)) {
        return `no backreference \`${element}\`: compare the groups afterwards`;
    }
    if (/^\\[bB]$/.test(element)) {
        return `no \`${element}\`: name the characters before and after in classes`;
    }
    if (/^\\([uc].|[pP]\{)/.test(element)) {
        return `no \`${element}\`: write \\xNN`;
    }
    return undefined;
}

/**
 * @param {string} element
 * @param {string[]} before
 */
function judgeClass(element, before) {
    const inner = element.slice(1, -1);
    const bare = inner.replace(/\\[^]/g, "\\");
    if (bare.includes("/")) {
        return "`/` in a class ends the expression: write \\/";
    }
    if (bare.includes("[")) {
        return "`[` in a class opens another one: write \\[";
    }
    if (bare.includes("|") && before.some((earlier) => !/^[\^$()]$/.test(earlier))) {
        return "`|` in a class is taken for an alternative: write \\|";
    }
    if (/[^-]-[^-]-[^-]/.test(bare.replace(/\\/g, "x"))) {
        return "a `-` after a range is not matched: put it last";
    }
    const escape = inner.match(/\\(u|c|p|P|B)/);
    if (escape) {
        return `no \`${escape[0]}\` in a class: write \\xNN`;
    }
    const code = String.raw`(\\x[0-9a-fA-F]{2}|\\[^]|[^\\])`;
    for (const [, low = "", high = ""] of inner.matchAll(new RegExp(`${code}-${code}`, "g"))) {
        if (codeOf(low) < 128 && codeOf(high) > 127) {
            return `the range \`${low}-${high}\` crosses \\x80, where characters are signed on some`
                + " machines: split it there";
        }
    }
    return undefined;
}

/** @param {string} character */
function codeOf(character) {
    return character.startsWith("\\x") ? parseInt(character.slice(2), 16)
        : character === "\\0" ? 0 : character.charCodeAt(character.length - 1);
}

/**
 * @param {string[]} elements
 * @returns {string[]}
 */
function judgeGroups(elements) {
    const faults = [];
    let depth = 0;
    elements.forEach((element, index) => {
        if (element === "(") {
            depth++;
        }
        if (element === "(" && depth > 1) {
            faults.push("no groups within groups: the inner one spoils the outer one's result");
        }
        if (element === ")") {
            depth--;
        }
        if (element === ")" && /^[*+?{]/.test(elements[index + 1] ?? "")) {
            faults.push("no repeated groups: only one character or class can be repeated");
        }
    });
    if (elements.filter((element) => element === "(").length > 9) {
        faults.push("no more than nine groups");
    }
    return faults;
}

/**
 * @param {string[]} elements
 * @returns {string[]}
 */
function judgeAlternatives(elements) {
    if (!elements.includes("|")) {
        return [];
    }
    if (elements.some((element) => /^\(/.test(element))) {
        return ["`|` divides the whole expression, groups included: use two expressions"];
    }
    const last = elements.lastIndexOf("|");
    if (elements.some((element, index) =>
        /^[*+]$/.test(element) && index < last && elements[index + 1] !== "|")) {
        return ["repeat only at the end of an alternative or in the last: use two expressions"];
    }
    const starts = elements.filter((_, index) => index === 0 || elements[index - 1] === "|");
    const anchored = starts.filter((element) => element === "^").length;
    return anchored === 0 || anchored === starts.length
        ? [] : ["all alternatives or none must begin with `^`"];
}
