export { default as TwinsView } from './TwinsView.svelte';
