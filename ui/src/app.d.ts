declare global {
	namespace App {
		interface PageState {
			/** Open things that the system's back gesture closes. */
			sheet?: string;
		}
	}
}

export {};
