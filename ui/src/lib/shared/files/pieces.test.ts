import { expect, test } from 'vitest';
import { eachPiece, PIECE_BYTES } from './pieces';

async function pieces(bytes: Uint8Array<ArrayBuffer>): Promise<string[]> {
	const found: string[] = [];
	// jsdom's own blobs cannot be read.
	const file = {
		size: bytes.length,
		slice: (from: number, to: number) => ({ arrayBuffer: () => Promise.resolve(bytes.slice(from, to).buffer) })
	} as unknown as Blob;
	await eachPiece(file, (n, base64) => {
		found[n] = base64;
		return Promise.resolve();
	});
	return found;
}

test('a file comes whole again from its pieces', async () => {
	const bytes = Uint8Array.from({ length: PIECE_BYTES + 3 }, (_, at) => at % 251);
	const found = await pieces(bytes);
	expect(found.length).toBe(2);
	const back = found.map((piece) => atob(piece)).join('');
	expect(Uint8Array.from(back, (letter) => letter.charCodeAt(0))).toEqual(bytes);
});

test('an empty file is one empty piece, and a full last piece is the last', async () => {
	expect(await pieces(new Uint8Array())).toEqual(['']);
	expect((await pieces(new Uint8Array(PIECE_BYTES))).length).toBe(1);
});
