package dev.fluxion.dsl.train;

import dev.fluxion.Tensor;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.dsl.layer.TutorialNets;
import dev.fluxion.io.PyTorchFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The part of check_pytorch_files.py that is Java: reads each {@code x.pth} of a folder and writes it as {@code x.back.pth};
 * loads the tutorials' nets into models, and writes their outputs for {@code x.in.pt}.
 */
final class PyTorchFilesCheck {
    private PyTorchFilesCheck() {}

    public static void main(String[] args) throws IOException {
        Path folder = Path.of(args[0]);
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".pth")).toList()) {
                Path back = Path.of(file.toString().replace(".pth", ".back.pth"));
                PyTorchFile.write(back, PyTorchFile.read(file));
            }
        }
        predict(folder.resolve("cifar"), TutorialNets.cifar(), 3, 32, 32);
        predict(folder.resolve("mnist"), TutorialNets.mnist(), 1, 28, 28);
    }

    private static void predict(Path name, Seq net, int... sample) throws IOException {
        try (Model model = Model.of(net, sample).load(Path.of(name + ".pth"))) {
            model.save(Path.of(name + ".back.pth"));
            Map<String, Tensor> inputs = PyTorchFile.read(Path.of(name + ".in.pt"));
            PyTorchFile.write(Path.of(name + ".out.pt"), Map.of("y", model.predict(inputs.get("x"))));
        }
    }
}
