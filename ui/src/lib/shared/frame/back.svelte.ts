// Going back where one was: inside the app by history, otherwise to the parent page.
import { afterNavigate, goto } from '$app/navigation';

let depth = 0;

/** Counts steps inside the app; call it once, in the root layout. */
export function countSteps(): void {
	afterNavigate(({ type, delta }) => {
		if (type === 'enter') depth = 0;
		else if (type === 'popstate') depth = Math.max(0, depth + (delta ?? -1));
		else depth += 1;
	});
}

/** Goes back inside the app, or to `parent` where the app was opened right here. */
export function back(parent: string): void {
	if (depth > 0) history.back();
	else void goto(parent, { replaceState: true });
}
