// A file the host made, into the person's downloads.
import { commands, type FileMade } from '$lib/ipc';

/** Fetches a file and has the system save it under a name. */
export async function saveMade(made: FileMade, name: string): Promise<void> {
	const parts: Uint8Array<ArrayBuffer>[] = [];
	let offset = 0;
	while (offset < made.bytes) {
		const { base64 } = await commands.filePiece({ file: made.file, offset });
		const piece = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
		if (piece.length === 0) break;
		parts.push(piece);
		offset += piece.length;
	}
	const address = URL.createObjectURL(new Blob(parts, { type: made.media_type }));
	const link = document.createElement('a');
	link.href = address;
	link.download = name;
	document.body.append(link);
	link.click();
	link.remove();
	// The system reads it after the click.
	setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
