//! The window: one command that passes everything on, one event that says what changed, and the plugins of the
//! platform. It holds no rule.

mod ipc;
mod outside;
mod start;

use tauri::Manager;

/// Opens the window and runs until it is closed.
#[cfg_attr(mobile, tauri::mobile_entry_point)]
pub fn run() {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "warn".into());
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();

    let built = for_platform(tauri::Builder::default())
        .plugin(tauri_plugin_opener::Builder::new().open_js_links_on_click(false).build())
        .plugin(outside::plugin())
        .invoke_handler(tauri::generate_handler![ipc::ipc])
        .setup(|handle| {
            let opened = start::open(handle.handle());
            if let Ok(app) = &opened {
                ipc::tell_changes(handle.handle().clone(), app);
            }
            handle.manage(ipc::Opened(opened));
            #[cfg(desktop)]
            start::size(handle.handle())?;
            Ok(())
        })
        .build(tauri::generate_context!());
    match built {
        Ok(app) => app.run(|_, _| {}),
        Err(error) => {
            tracing::error!(%error, "opening the window");
            std::process::exit(1);
        }
    }
}

/// A second start on the same data shows the window that is there. Size and place are kept for the usual data folder
/// only: devices that share a machine for a demonstration would overwrite each other's.
#[cfg(desktop)]
fn for_platform(builder: tauri::Builder<tauri::Wry>) -> tauri::Builder<tauri::Wry> {
    use tauri_plugin_single_instance::Builder as SingleInstance;
    let single = SingleInstance::new().callback(|handle, _arguments, _folder| {
        for window in handle.webview_windows().values() {
            // Where the window manager refuses, the window is still there.
            let _ = window.unminimize();
            let _ = window.set_focus();
        }
    });
    let Some(instance) = start::instance() else {
        return builder.plugin(single.build()).plugin(tauri_plugin_window_state::Builder::default().build());
    };
    #[cfg(target_os = "linux")]
    return builder.plugin(single.dbus_id(instance).build());
    // Elsewhere the lock has one name for all data folders: without it they can be open side by side.
    #[cfg(not(target_os = "linux"))]
    {
        let _ = instance;
        builder
    }
}

#[cfg(mobile)]
fn for_platform(builder: tauri::Builder<tauri::Wry>) -> tauri::Builder<tauri::Wry> {
    builder
}
