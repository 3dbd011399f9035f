// SPDX-License-Identifier: Apache-2.0
/**
 * A program for boards that gets a page and prints what came of it.
 *
 * @module
 */
import type { Identity } from "../support/pki.ts";

/** What to get, and from whom. */
export interface Page {
    host: string;
    port: number;
    /** Its root is trusted; undefined: whom the board trusts. */
    identity: Identity | undefined;
    /** What is printed of a failure, an expression of `error`; its code when nothing is said. */
    failure?: string;
}

/** The program: it prints `@@ STATUS LONG PROTOCOL`, LONG being whether more than 1,000 bytes came, then DONE. */
export const getPage = ({ host, port, identity, failure = "error.code" }: Page): string => `
    require("https").get({
        host: "${host}", port: ${port}, path: "/",
        ca: ${identity ? `atob("${Buffer.from(identity.rootDer).toString("base64")}")` : "undefined"}
    }, function (response) {
        var length = 0;
        response.on("data", function (data) { length += data.length; });
        response.on("end", function () {
            print("@@", response.statusCode, length > 1000, response.socket.getProtocol());
            print("DONE");
        });
    }).on("error", function (error) { print("@@", ${failure}); print("DONE"); });`;
