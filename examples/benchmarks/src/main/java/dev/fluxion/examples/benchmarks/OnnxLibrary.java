package dev.fluxion.examples.benchmarks;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Map;

/** ONNX Runtime with all its optimisations on; input and output are bound to buffers made once. */
record OnnxLibrary(int threads) implements Library {
    @Override
    public Session infer(Problem problem) {
        try {
            return new Inference(problem, threads);
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public Session train(Problem problem) {
        throw new UnsupportedOperationException(Errors.inferenceOnly(Peer.ONNXRUNTIME.title()));
    }

    private static final class Inference implements Session {
        private final FloatBuffer logits;
        private final OrtSession session;
        private final Map<String, OnnxTensor> inputs;
        private final Map<String, OnnxTensor> outputs;

        Inference(Problem problem, int threads) throws OrtException {
            OrtEnvironment environment = OrtEnvironment.getEnvironment();
            try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
                options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
                options.setIntraOpNumThreads(threads);
                session = environment.createSession(OnnxModel.of(problem), options);
            }
            FloatBuffer images = direct(problem.inputs().size())
                    .put(problem.inputs().floats())
                    .rewind();
            int classes = problem.net().classes();
            logits = direct(problem.batch() * classes);
            inputs = Map.of(OnnxModel.INPUT, OnnxTensor.createTensor(environment, images, problem.inputDims()));
            outputs = Map.of(
                    OnnxModel.OUTPUT,
                    OnnxTensor.createTensor(environment, logits, new long[] {problem.batch(), classes}));
        }

        @Override
        public void run() {
            try {
                session.run(inputs, outputs).close();
            } catch (OrtException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public float[] result() {
            float[] values = new float[logits.capacity()];
            logits.get(0, values);
            return values;
        }

        @Override
        public void close() {
            inputs.values().forEach(OnnxTensor::close);
            outputs.values().forEach(OnnxTensor::close);
            try {
                session.close();
            } catch (OrtException e) {
                throw new IllegalStateException(e);
            }
        }

        private static FloatBuffer direct(int count) {
            return ByteBuffer.allocateDirect(count * Float.BYTES)
                    .order(ByteOrder.nativeOrder())
                    .asFloatBuffer();
        }
    }
}
