// SPDX-License-Identifier: Apache-2.0
/**
 * The build scripts of the device modules, with types: they run before TypeScript is compiled, and
 * so are no part of this program.
 */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** What the check finds in a script. */
export interface Finding {
    rule: string;
    message: string;
    line: number;
    column: number;
    excerpt: string;
}

/** A device module or a part of one: its name, its source and the modules that it requires. */
export interface Entry {
    name: string;
    source?: string;
    part?: string[];
    requires: string[];
}

/** A built module, or any script that a program can require. */
export interface Script {
    name: string;
    code: string;
    /** The Linux interpreter has one of its own by this name. */
    builtIn?: boolean;
}

/** The repository. */
export const ROOT = new URL("../../../", import.meta.url);

/** What is in a board's Storage: the built modules, their parts and texts. */
export const builtScripts = function (): Script[] {
    const folder = fileURLToPath(new URL("dist/device", ROOT));
    const files = readdirSync(folder).filter((file) => file !== "package.json");
    return files.map((file) => ({
        name: file.replace(/\.js$/, ""),
        code: readFileSync(join(folder, file), "latin1"),
        builtIn: file === "tls.js",
    }));
};

const load = function (file: string): Promise<unknown> {
    return import(new URL(file, ROOT).href);
};

export const { check, RULES } = (await load("modules/check.mjs")) as {
    check(code: string): Finding[];
    RULES: Record<string, string>;
};

export const { compileDevice, DeviceError, ENTRIES } = (await load("modules/build.mjs")) as {
    compileDevice(root: string, entries: Entry[]): Promise<Script[]>;
    DeviceError: new (message: string) => Error;
    ENTRIES: Entry[];
};

export const { GLOBALS, STATICS, MISSING } = (await load("modules/check/names.mjs")) as {
    GLOBALS: Set<string>;
    STATICS: Record<string, Set<string>>;
    MISSING: Record<string, string[]>;
};
