// @ts-check
// SPDX-License-Identifier: Apache-2.0
/** Reads native/image/etls_image.h: constants, and offsets of the header's fields. */
import { readFileSync } from "node:fs";

const text = readFileSync(new URL("../image/etls_image.h", import.meta.url), "utf8");

/** A `#define` with a number. @param {string} name */
function constant(name) {
    const value = new RegExp(`#define ${name} (\\w+)`).exec(text)?.[1];
    if (value === undefined) throw new Error(`no ${name} in etls_image.h`);
    return Number.parseInt(value.replace(/u$/, ""));
}

export const IMAGE_MAGIC = constant("ETLS_IMAGE_MAGIC");
export const IMAGE_FORMAT = constant("ETLS_IMAGE_FORMAT");

const struct = /typedef struct \{([^}]+)\} etls_image_header/.exec(text)?.[1] ?? "";

/** Fields in order, each with its offset in bytes and what it is. */
export const IMAGE_FIELDS = [...struct.matchAll(/^ {4}(?:uint32_t (\w+)|void \(\*(\w+)\[)[^;]*;\s*\/\* (.*) \*\//gm)].map(
    (match, index) => ({ name: match[1] ?? match[2] ?? "", offset: index * 4, what: match[3] ?? "" }),
);

/** The offset of a field. @param {string} name */
export function fieldOffset(name) {
    const field = IMAGE_FIELDS.find((entry) => entry.name === name);
    if (!field) throw new Error(`no field ${name} in etls_image.h`);
    return field.offset;
}

/** Values of an enum: `[name without ETLS_, value]`. @param {string} name @returns {[string, number][]} */
export function imageEnum(name) {
    const members = new RegExp(`enum ${name} \\{([^}]+)\\}`).exec(text)?.[1] ?? "";
    return [...members.matchAll(/\bETLS_(\w+) = (\d+)/g)].map((match) => [match[1] ?? "", Number(match[2])]);
}
