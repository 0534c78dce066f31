package dev.fluxion.serving;

import java.io.File;
import java.lang.ref.WeakReference;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Deploys an application some times, each in a class loader of its own, as a server does; for a JVM of its own. */
final class Deployments {
    private Deployments() {}

    public static void main(String[] arguments) throws Exception {
        URL[] application = Arrays.stream(arguments[0].split(File.pathSeparator))
                .map(Deployments::url)
                .toArray(URL[]::new);
        List<WeakReference<ClassLoader>> loaders = new ArrayList<>();
        ExecutorService requests = Executors.newFixedThreadPool(2);
        for (int i = 0; i < Integer.parseInt(arguments[1]); i++) {
            loaders.add(deployed(application, requests));
        }
        long end = System.currentTimeMillis() + Long.parseLong(arguments[2]);
        while (left(loaders) > 1 && System.currentTimeMillis() < end) {
            System.gc();
            Thread.sleep(50);
        }
        System.out.println(left(loaders) <= 1 ? "at most one is left" : left(loaders) + " are left");
        requests.shutdown();
    }

    private static WeakReference<ClassLoader> deployed(URL[] application, ExecutorService requests) throws Exception {
        try (URLClassLoader loader = new URLClassLoader(application, Deployments.class.getClassLoader())) {
            Runnable deployed = (Runnable) loader.loadClass("dev.fluxion.serving.Deployed")
                    .getDeclaredConstructor()
                    .newInstance();
            requests.submit(deployed).get();
            return new WeakReference<>(loader);
        } catch (ExecutionException e) {
            System.out.println(e.getCause().getMessage());
            return new WeakReference<>(null);
        }
    }

    private static long left(List<WeakReference<ClassLoader>> loaders) {
        return loaders.stream().filter(loader -> loader.get() != null).count();
    }

    private static URL url(String entry) {
        try {
            return Path.of(entry).toUri().toURL();
        } catch (java.net.MalformedURLException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
