# Completion of batchwise's commands and options for bash.
_batchwise() {
  local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} options=
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "train resume evaluate predict plan tune sweep report inspect convert supported --help --version" -- "$word"))
    return
  fi
  case $previous in
    --optimizer) COMPREPLY=($(compgen -W "adadelta adafactor adagrad adam adamax adamw ftrl lamb lion muon nadam rmsprop schedulefreeadamw sgd" -- "$word")); return ;;
    --loss) COMPREPLY=($(compgen -W "sparse_categorical_crossentropy categorical_crossentropy binary_crossentropy mse mae huber" -- "$word")); return ;;
    --rule | --grow-rule) COMPREPLY=($(compgen -W "auto linear square_root constant none" -- "$word")); return ;;
    --checkpoint-every) COMPREPLY=($(compgen -W "30s 100steps" -- "$word")); return ;;
    --color-mode) COMPREPLY=($(compgen -W "rgb grayscale rgba" -- "$word")); return ;;
    --interpolation) COMPREPLY=($(compgen -W "bilinear nearest bicubic area lanczos3 lanczos5 gaussian mitchellcubic" -- "$word")); return ;;
    --label-mode) COMPREPLY=($(compgen -W "int categorical binary" -- "$word")); return ;;
    --goal) COMPREPLY=($(compgen -W "fastest samples best" -- "$word")); return ;;
    --grow-batch) COMPREPLY=($(compgen -W "steps plateau noise" -- "$word")); return ;;
    --dtype) COMPREPLY=($(compgen -W "float32 mixed_bfloat16" -- "$word")); return ;;
    --convolution) COMPREPLY=($(compgen -W "auto direct" -- "$word")); return ;;
    --on-bad-file) COMPREPLY=($(compgen -W "error skip" -- "$word")); return ;;
    --out | --data-dir | --cache) COMPREPLY=($(compgen -f -- "$word")); return ;;
    --validation-data) COMPREPLY=($(compgen -W "fashion-mnist mnist" -- "$word") $(compgen -f -- "$word")); return ;;
    --batch-size | --batch-sizes | --learning-rates | --optimizers | --seeds | --samples | --reach | --time | --rule-from | --warm-up | --epochs | --memory | --lanes | --grain | --seed | --loader-batch | --workers | --validation-split | --learning-rate | --metrics | --target | --image-size) return ;;
  esac
  case ${COMP_WORDS[1]} in
    train) options="--batch-size --epochs --memory --lanes --loader-batch --workers --validation-split --validation-data --optimizer --learning-rate --rule --rule-from --warm-up --grow-batch --grow-to --grow-every --grow-by --grow-rule --loss --metrics --grain --seed --no-shuffle --checkpoint-every --out --overwrite --allow-nan --noise-by-layer --profile --data-dir --target --image-size --color-mode --interpolation --crop-to-aspect-ratio --pad-to-aspect-ratio --label-mode --follow-links --on-bad-file --cache --json --dtype --convolution --help" ;;
    resume) options="--batch-size --rule --memory --lanes --loader-batch --workers --checkpoint-every --cache --allow-changed-files --profile --json --help" ;;
    evaluate) options="--batch-size --lanes --memory --loss --metrics --data-dir --target --image-size --color-mode --interpolation --crop-to-aspect-ratio --pad-to-aspect-ratio --label-mode --follow-links --on-bad-file --cache --json --dtype --convolution --help" ;;
    predict) options="--out --batch-size --lanes --memory --data-dir --target --image-size --color-mode --interpolation --crop-to-aspect-ratio --pad-to-aspect-ratio --label-mode --follow-links --on-bad-file --cache --dtype --convolution --help" ;;
    plan) options="--batch-size --memory --optimizer --loss --lanes --grain --largest --no-timing --data-dir --target --image-size --color-mode --interpolation --crop-to-aspect-ratio --pad-to-aspect-ratio --label-mode --follow-links --on-bad-file --cache --json --dtype --convolution --help" ;;
    report) options="--out --compare --help" ;;
    sweep) options="--batch-sizes --learning-rates --optimizers --seeds --epochs --samples --rule --reach --halving --time --memory --lanes --loader-batch --workers --validation-split --validation-data --loss --metrics --grain --seed --no-shuffle --checkpoint-every --out --overwrite --allow-nan --data-dir --target --image-size --color-mode --interpolation --crop-to-aspect-ratio --pad-to-aspect-ratio --label-mode --follow-links --on-bad-file --cache --json --dtype --convolution --help" ;;
    tune) options="--goal --batch-sizes --time --samples --metric --reach --optimizer --memory --lanes --loader-batch --workers --validation-split --validation-data --loss --metrics --grain --seed --no-shuffle --out --overwrite --allow-nan --data-dir --target --image-size --color-mode --interpolation --crop-to-aspect-ratio --pad-to-aspect-ratio --label-mode --follow-links --on-bad-file --cache --json --dtype --convolution --help" ;;
    inspect) options="--out --json --follow-links --help" ;;
    convert) options="--weights --help" ;;
    supported) options="--help" ;;
  esac
  case $word in
    -*) COMPREPLY=($(compgen -W "$options" -- "$word")) ;;
    *)
      local names=
      case ${COMP_WORDS[1]} in
        train | plan | sweep | tune) if [ "$COMP_CWORD" -eq 2 ]; then names="cnn convnexttiny densenet121 efficientnetb0 inceptionv3 lstm mlp mobilenetv2 mobilenetv3large mobilenetv3small resnet50 resnet50v2 transformer unet vgg16 xception"; else names="fashion-mnist mnist"; fi ;;
        evaluate | predict) if [ "$COMP_CWORD" -gt 2 ]; then names="fashion-mnist mnist"; fi ;;
      esac
      COMPREPLY=($(compgen -W "$names" -- "$word") $(compgen -f -- "$word"))
      ;;
  esac
}
complete -o filenames -F _batchwise batchwise
