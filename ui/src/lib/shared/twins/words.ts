// Why two clients look like one, in words.
import { m } from '$lib/i18n';
import type { Alikeness, TellApart } from '$lib/ipc';
import { words } from '$lib/shared/failure';
import { sayFailed, sayWithUndo } from '$lib/ui';
import { takeBack } from './queries';

/** What clients have in common that are known by the same thing exactly. */
export const reasonWords = {
	number: () => m.clients_similar_number(),
	phone: () => m.clients_similar_phone(),
	email: () => m.clients_similar_email(),
	name: () => m.twins_same_name()
} satisfies Record<Alikeness, () => string>;

/** Says that two clients were told apart, with the way back. */
export function sayApart(said: TellApart): void {
	sayWithUndo(
		m.twins_said_apart(),
		m.common_undo(),
		() => void takeBack(said).catch((cause: unknown) => sayFailed(words(cause)))
	);
}
