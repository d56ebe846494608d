export { default as HomeView } from './HomeView.svelte';
