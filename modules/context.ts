// SPDX-License-Identifier: Apache-2.0
/**
 * Secure contexts, shared by many connections.
 *
 * @module
 */

import { ENTRY_CONTEXT_FREE } from "./abi.gen.ts";
import type { Binding, Host } from "./host.ts";
import { loadContext, openContext } from "./secure_context.ts";
import type { ContextSource, SecureContextOptions } from "./secure_context.ts";

/**
 * A secure context. Its native side is made at first use, one for each role, and lives until
 * {@link SecureContext.free}: connections that exist then go on.
 */
export class SecureContext {
    private _source: ContextSource;
    private _handles: (number | undefined)[];

    /** @throws TlsError when a certificate or key cannot be loaded. */
    constructor(host: Host, options: SecureContextOptions) {
        this._source = loadContext(host, options);
        this._handles = [];
    }

    /** Returns the native context for a role, made if need be. @internal */
    _handle(binding: Binding, role: number): number {
        let handle = this._handles[role];
        if (handle === undefined) this._handles[role] = handle = openContext(this._source, binding, role);
        return handle;
    }

    /** Gives the native memory back; may be called again, and the context used again. */
    free(): void {
        const binding = this._source.host.binding;
        this._handles.forEach(function (handle) {
            if (binding && handle !== undefined) binding.call(ENTRY_CONTEXT_FREE, handle, 0, 0);
        });
        this._handles = [];
    }
}
