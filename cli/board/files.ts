// SPDX-License-Identifier: Apache-2.0
/**
 * What an installation consists of: the image, and the files in Storage in the order in which they are
 * written.
 *
 * @module
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { makeError } from "../../modules/errors.ts";
import type { Chip } from "./chips.ts";
import type { StoredFile } from "./storage_image.ts";

/** What is to be installed. */
export interface Plan {
    profile: "small" | "full";
    /** Trusted certificates, DER one after the other, or a trust bundle; undefined leaves what the board has. */
    trust: Uint8Array | undefined;
    /** What is trusted where nothing was named so far; undefined for nobody. */
    roots: Uint8Array | undefined;
    /** Bytes of the arena; undefined lets the board choose. */
    arena: number | undefined;
}

/** The image's name in Storage. */
export const IMAGE = "tls-image";

/** The modules that programs require. */
export const ENTRIES: readonly string[] = ["https", "tls"];

/** Files that can change while the others are used. */
export const SETTINGS: readonly string[] = ["tls-ca", "tls-config"];

const dist = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** The modules, their parts and texts, by name in Storage; those that programs require come last. */
export const moduleFiles = function (): StoredFile[] {
    const files = readdirSync(dist("device"))
        .filter((file) => file !== "package.json")
        .map((file): StoredFile => [file.replace(/\.js$/, ""), readFileSync(dist(`device/${file}`))]);
    const isEntry = ([name]: StoredFile): boolean => ENTRIES.includes(name);
    return [...files.filter((file) => !isEntry(file)), ...files.filter(isEntry)];
};

/** The files that hold what a plan says of itself. */
export const settingFiles = function (plan: Plan): StoredFile[] {
    const files: StoredFile[] = [];
    const trust = plan.trust ?? plan.roots;
    if (trust) files.push(["tls-ca", trust]);
    if (plan.arena !== undefined) files.push(["tls-config", Buffer.from(JSON.stringify({ arena: plan.arena }))]);
    return files;
};

/** The image for a chip. @throws TlsError `ETLS_BOARD` when it was not built */
export const imageFor = function (chip: Chip, profile: string): Uint8Array {
    const file = dist(`images/etls-${chip.name}-${profile}.bin`);
    if (!existsSync(file)) throw makeError("ETLS_BOARD", `${file} is missing; npm run build makes it`);
    return readFileSync(file);
};
