export { default as SearchPalette } from './SearchPalette.svelte';
