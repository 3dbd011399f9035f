// SPDX-License-Identifier: Apache-2.0
/* global addToLibrary, mergeInto, LibraryManager, Module, HEAPU8 */
// The imports of native/ports/wasm/port.c. The loader puts `random` and `now` on the module.
mergeInto(LibraryManager.library, {
    etls_host_entropy: function (out, length) {
        return Module["etlsRandom"](HEAPU8.subarray(out, out + length)) ? 1 : 0;
    },
    etls_host_time: function () {
        return Module["etlsNow"]();
    },
});
