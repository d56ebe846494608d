// A file handed to the host piece by piece: no length of file is ever whole in memory.

/** Bytes of a piece; the host counts on it. */
export const PIECE_BYTES = 512 * 1024;

/** Gives every piece of a file in base64, one after the other. */
export async function eachPiece(file: Blob, take: (n: number, base64: string) => Promise<unknown>): Promise<void> {
	for (let n = 0; n === 0 || n * PIECE_BYTES < file.size; n += 1) {
		const piece = file.slice(n * PIECE_BYTES, (n + 1) * PIECE_BYTES);
		await take(n, base64(new Uint8Array(await piece.arrayBuffer())));
	}
}

function base64(bytes: Uint8Array): string {
	let text = '';
	// Calls take only so many arguments.
	for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
	return btoa(text);
}
