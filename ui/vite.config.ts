import { sveltekit } from '@sveltejs/kit/vite';
import tailwindcss from '@tailwindcss/vite';
import { defineConfig } from 'vitest/config';

const inTests = process.env.VITEST !== undefined;

export default defineConfig({
	plugins: [tailwindcss(), sveltekit()],
	// Under vitest the browser build of Svelte is wanted, otherwise components cannot be mounted.
	resolve: inTests ? { conditions: ['browser'] } : undefined,
	build: { target: 'es2022', chunkSizeWarningLimit: 900 },
	test: { environment: 'jsdom', include: ['src/**/*.test.ts', 'tests/**/*.test.ts'] }
});
