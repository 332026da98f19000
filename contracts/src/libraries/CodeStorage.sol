// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

/// @title Bytes kept as a contract's code
/// @notice Write once, read often: a word of code costs a fraction of a word of storage to write and to read.
library CodeStorage {
    error CodeStorageEmpty(address pointer);

    function write(bytes memory data) internal returns (address pointer) {
        return address(new CodeStorageBlob(data));
    }

    function read(address pointer) internal view returns (bytes memory data) {
        uint256 size = pointer.code.length;
        if (size == 0) revert CodeStorageEmpty(pointer);
        data = new bytes(size - 1);
        assembly ("memory-safe") {
            // The first byte is the STOP that keeps the data from ever running as code.
            extcodecopy(pointer, add(data, 32), 1, sub(size, 1))
        }
    }
}

contract CodeStorageBlob {
    constructor(bytes memory data) {
        bytes memory code = abi.encodePacked(hex"00", data);
        assembly ("memory-safe") {
            return(add(code, 32), mload(code))
        }
    }
}
