export { default as NoticeBanner } from './NoticeBanner.svelte';
export { default as NoticesView } from './NoticesView.svelte';
