// SPDX-License-Identifier: Apache-2.0
/**
 * The version of this package.
 *
 * @module
 */
import { existsSync, readFileSync } from "node:fs";

/** The package.json above this file, in the package and in a working copy alike. */
const packageFile = function (): URL {
    let file = new URL("package.json", import.meta.url);
    while (!existsSync(file) && file.pathname !== "/package.json") {
        file = new URL("../package.json", file);
    }
    return file;
};

const { version } = JSON.parse(readFileSync(packageFile(), "utf8")) as { version: string };

/** As in package.json, such as `0.1.0`. */
export const VERSION = version;
