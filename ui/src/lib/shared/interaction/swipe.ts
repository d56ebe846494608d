// Swiping a line by finger: right and left each do one thing; a small move springs back.
import type { Attachment } from 'svelte/attachments';

const threshold = 96;

/** Attaches swiping; nothing is attached for `null`. */
export function swipe(ways: { right: () => void; left: () => void } | null): Attachment<HTMLElement> {
	return (element) => {
		if (ways === null) return;
		let start: { x: number; y: number; id: number } | null = null;
		let across = false;

		const onpointerdown = (event: PointerEvent) => {
			if (event.pointerType !== 'touch') return;
			start = { x: event.clientX, y: event.clientY, id: event.pointerId };
			across = false;
		};
		const onpointermove = (event: PointerEvent) => {
			if (!start || event.pointerId !== start.id) return;
			const dx = event.clientX - start.x;
			const dy = event.clientY - start.y;
			if (!across && Math.abs(dx) > 14 && Math.abs(dx) > Math.abs(dy) * 1.5) {
				across = true;
				element.setPointerCapture(event.pointerId);
			}
			if (!across) return;
			element.style.transform = `translateX(${Math.max(-threshold * 1.2, Math.min(threshold * 1.2, dx))}px)`;
			element.dataset.swipe = Math.abs(dx) < threshold ? '' : dx > 0 ? 'right' : 'left';
		};
		const end = (event: PointerEvent) => {
			if (!start || event.pointerId !== start.id) return;
			const way = event.type === 'pointerup' && across ? element.dataset.swipe : '';
			start = null;
			element.style.transition = 'transform 140ms ease-out';
			element.style.transform = '';
			delete element.dataset.swipe;
			setTimeout(() => (element.style.transition = ''), 160);
			if (way === 'right') ways.right();
			if (way === 'left') ways.left();
		};

		element.style.touchAction = 'pan-y';
		element.addEventListener('pointerdown', onpointerdown);
		element.addEventListener('pointermove', onpointermove);
		element.addEventListener('pointerup', end);
		element.addEventListener('pointercancel', end);
		return () => {
			element.removeEventListener('pointerdown', onpointerdown);
			element.removeEventListener('pointermove', onpointermove);
			element.removeEventListener('pointerup', end);
			element.removeEventListener('pointercancel', end);
		};
	};
}
