// @ts-check
// SPDX-License-Identifier: Apache-2.0
/**
 * TypeScript modules put together into one CommonJS script per device module.
 *
 * Files that a required module contains already are not repeated: what is needed of them becomes
 * an additional export of that module, and is taken from there into constants, since a class can
 * extend a plain name only.
 *
 * A *part* is a script of functions that are needed now and then. The code of functions stays in
 * flash, but each function that is loaded takes 5 to 8 blocks of RAM; those of a part are loaded
 * for one call and forgotten (device/part.mjs).
 */
import { readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { dirname, relative, resolve } from "node:path";
import { rollup } from "rollup";
import ts from "typescript";
import { isText, textModule } from "./files.mjs";
import { callParts, PART } from "./part.mjs";

/**
 * @typedef {object} Entry A device module, or a part of one.
 * @property {string} name As in `require(name)`.
 * @property {string} [source] The TypeScript file whose exports a module has.
 * @property {string[]} [part] The TypeScript files whose functions a part has, in place of `source`.
 * @property {string[]} requires Modules that it gets by `require`; they stand before it.
 */

/**
 * @typedef {object} Bundle
 * @property {string} name
 * @property {string} code Not minified.
 * @property {(line: number, column: number) => string} place Where a place in the code comes
 *   from, as `file:line:column`.
 */

/** Only constants, which belong where they are used; never taken from another module. */
const CONSTANTS = /\.gen\.ts$/;

/** Stands for the source of a module together with what others need of its files. */
const ENTRY = "\0entry:";

/** Marks a file of another module, as something that is no path. */
const SHARED = "shared:";

/**
 * @param {string} root Paths are from there.
 * @param {Entry[]} entries
 * @returns {Promise<Bundle[]>} In the order of the entries.
 */
export async function bundle(root, entries) {
    const plan = { root, parts: findParts(root, entries), owners: new Map(), wanted: new Map() };
    await findOwners(plan, entries);
    await findWanted(plan, entries);
    return Promise.all(entries.map((entry) => write(plan, entry)));
}

/**
 * @typedef {object} Plan Which file is where; files by their whole path.
 * @property {string} root
 * @property {Map<string, string>} parts The part that a file is the beginning of.
 * @property {Map<string, string>} owners The module or part that contains a file.
 * @property {Map<string, Set<string>>} wanted What is taken from a file by others, filled last.
 */

/**
 * @param {string} root
 * @param {Entry[]} entries
 */
function findParts(root, entries) {
    /** @type {Map<string, string>} */
    const parts = new Map();
    for (const { name, part } of entries) {
        for (const file of part ?? []) parts.set(resolve(root, file), name);
    }
    return parts;
}

/** The files that an entry begins with. @param {Plan} plan @param {Entry} entry */
const beginnings = (plan, entry) =>
    (entry.part ?? [entry.source ?? ""]).map((file) => resolve(plan.root, file));

/** @param {string[]} files */
const reexports = (files) => files.map((file) => `export * from ${JSON.stringify(file)};`).join("\n");

/**
 * Which module or part contains which file: the first that needs it.
 * @param {Plan} plan
 * @param {Entry[]} entries
 */
async function findOwners(plan, entries) {
    for (const entry of entries) {
        /** @type {Set<string>} */
        const files = new Set();
        const code = reexports(beginnings(plan, entry));
        const plugins = [virtualEntry(code), takeParts(plan, entry), compile(files)];
        await (await rollup({ ...INPUT, input: ENTRY + entry.name, plugins })).close();
        for (const file of files) {
            plan.owners.set(file, plan.owners.get(file) ?? entry.name);
        }
    }
}

/**
 * What modules and parts take from the files of others.
 * @param {Plan} plan
 * @param {Entry[]} entries
 */
async function findWanted(plan, entries) {
    const { owners, wanted } = plan;
    const search = { ...plan, wanted: undefined };
    for (const entry of entries) {
        const code = reexports(beginnings(plan, entry));
        const plugins = [virtualEntry(code), takeParts(plan, entry), takeShared(search, entry), compile()];
        const build = await rollup({ ...INPUT, input: ENTRY + entry.name, plugins });
        const { output } = await build.generate({ format: "es" });
        for (const [id, names] of Object.entries(output[0].importedBindings)) {
            const file = id.slice(id.startsWith(PART) ? id.lastIndexOf(":") + 1 : SHARED.length);
            if (owners.has(file)) {
                wanted.set(file, new Set([...(wanted.get(file) ?? []), ...names]));
            }
        }
        await build.close();
    }
}

/**
 * @param {Plan} plan
 * @param {Entry} entry
 * @returns {Promise<Bundle>}
 */
async function write(plan, entry) {
    const { root, owners, wanted } = plan;
    const source = entry.source === undefined ? undefined : resolve(root, entry.source);
    const lines = source === undefined ? [] : [reexports([source])];
    for (const [file, names] of wanted) {
        if (file !== source && owners.get(file) === entry.name) {
            const list = [...names].sort().join(", ");
            lines.push(`export { ${list} } from ${JSON.stringify(file)};`);
        }
    }
    const build = await rollup({
        ...INPUT,
        input: ENTRY + entry.name,
        plugins: [
            virtualEntry(lines.join("\n")),
            takeParts(plan, entry),
            takeShared(plan, entry),
            compile(),
        ],
    });
    const { output } = await build.generate({ ...OUTPUT, file: resolve(root, `${entry.name}.js`) });
    await build.close();
    const { code, map } = output[0];
    return { name: entry.name, code: callParts(code), place: placeFinder(root, /** @type {object} */ (map)) };
}

/** @type {import("rollup").RollupOptions} */
const INPUT = {
    treeshake: { propertyReadSideEffects: false },
    onwarn(warning) {
        throw new Error(warning.message);
    },
};

/** Plain CommonJS: exports assigned after their definitions, and nothing else. */
const OUTPUT = /** @type {const} */ ({
    format: "cjs",
    exports: "named",
    strict: false,
    esModule: false,
    interop: "esModule",
    externalLiveBindings: false,
    freeze: false,
    sourcemap: true,
    generatedCode: { preset: "es5", objectShorthand: true },
});

/**
 * @param {string} code
 * @returns {import("rollup").Plugin}
 */
function virtualEntry(code) {
    return {
        name: "entry",
        resolveId: (id) => (id.startsWith(ENTRY) ? id : null),
        load: (id) => (id.startsWith(ENTRY) ? code : null),
    };
}

/**
 * Leaves the files of other parts to these; callParts() makes the calls.
 * @param {Plan} plan
 * @param {Entry} entry
 * @returns {import("rollup").Plugin}
 */
function takeParts({ parts }, entry) {
    return {
        name: "parts",
        resolveId(specifier, importer) {
            if (importer === undefined || importer.startsWith(ENTRY)) {
                return null;
            }
            const file = resolve(dirname(importer), specifier);
            const part = parts.get(file) ?? entry.name;
            return part === entry.name ? null : { id: `${PART}${part}:${file}`, external: true };
        },
    };
}

/**
 * Takes files of the required modules from there.
 * @param {Omit<Plan, "wanted"> & { wanted: Plan["wanted"] | undefined }} plan Without `wanted`
 *   while this is to be found.
 * @param {Entry} entry
 * @returns {import("rollup").Plugin}
 */
function takeShared({ owners, wanted }, entry) {
    return {
        name: "require",
        resolveId(specifier, importer) {
            if (entry.requires.includes(specifier)) {
                return { id: specifier, external: true };
            }
            if (importer === undefined || importer.startsWith(ENTRY)) {
                return null;
            }
            const file = resolve(dirname(importer), specifier);
            const shared = entry.requires.includes(owners.get(file) ?? "");
            return shared ? { id: SHARED + file, external: wanted === undefined } : null;
        },
        load(id) {
            if (wanted === undefined || !id.startsWith(SHARED)) {
                return null;
            }
            const file = id.slice(SHARED.length);
            const names = [...(wanted.get(file) ?? [])];
            const constants = names.map((name) => `export const ${name} = owner.${name};`);
            const module = JSON.stringify(owners.get(file));
            return [`import * as owner from ${module};`, ...constants].join("\n");
        },
    };
}

/**
 * Compiles TypeScript file by file; types are checked elsewhere.
 * @param {Set<string>} [files] Gets the names of the files that others can share.
 * @returns {import("rollup").Plugin}
 */
function compile(files) {
    return {
        name: "typescript",
        load: (id) => (isText(id) ? textModule(id) : isFile(id) ? readFileSync(id, "utf8") : null),
        transform(code, id) {
            if (!isFile(id)) {
                return null;
            }
            if (!CONSTANTS.test(id)) {
                files?.add(id);
            }
            const { outputText, sourceMapText } = ts.transpileModule(code, {
                fileName: id,
                compilerOptions: {
                    target: ts.ScriptTarget.ES2015,
                    module: ts.ModuleKind.ESNext,
                    verbatimModuleSyntax: true,
                    useDefineForClassFields: false,
                    removeComments: true,
                    sourceMap: true,
                },
            });
            const text = outputText.replace(/\/\/# sourceMappingURL=.*\n?$/, "");
            return { code: text, map: JSON.parse(sourceMapText ?? "{}") };
        },
    };
}

/** @param {string} id */
function isFile(id) {
    return id.endsWith(".ts") && !id.startsWith(SHARED);
}

/**
 * @param {string} root
 * @param {object} map
 * @returns {Bundle["place"]}
 */
function placeFinder(root, map) {
    const sources = new SourceMap(/** @type {import("node:module").SourceMapPayload} */ (map));
    return (line, column) => {
        const entry = sources.findEntry(line - 1, column - 1);
        if (!("originalSource" in entry)) {
            return `generated code:${line}:${column}`;
        }
        const file = relative(root, resolve(root, entry.originalSource));
        return `${file}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
    };
}
