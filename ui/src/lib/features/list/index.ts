export { default as KindView } from './KindView.svelte';
